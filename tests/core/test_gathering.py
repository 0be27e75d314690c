"""Which messages belong together."""

from datetime import timedelta
from typing import Any

import pytest

from minibot.core.gathering import CUT_FROM, FORWARDED, LONGEST_TEXT, belongs, expects_more, joined
from minibot.core.messages import Attachment, AttachmentKind, IncomingMessage, Person, Press
from tests.fakes import START, make_message

WINDOW = timedelta(seconds=0.5)
PHOTO = (Attachment(kind=AttachmentKind.PHOTO, file_id="p"),)
PAPER = (Attachment(kind=AttachmentKind.DOCUMENT, file_id="d"),)
VOICE = (Attachment(kind=AttachmentKind.VOICE, file_id="v"),)
LONG = "x" * CUT_FROM


def message(text: str = "", *, after: float = 0, **fields: Any) -> IncomingMessage:
    return make_message(text, sent_at=START + timedelta(seconds=after), **fields)


@pytest.mark.parametrize(
    ("one", "expects"),
    [
        (message("hello"), False),
        (message("/help"), False),
        (message("/note", forwarded=True), False),
        (message(attachments=VOICE), False),
        (message("what is this?", attachments=PHOTO), False),
        (message(press=Press(id="1", data="x", message_id="2")), False),
        (message("look", attachments=PHOTO, album="a"), True),
        (message("news", forwarded=True), True),
        (message(attachments=PHOTO), True),
        (message(attachments=PAPER), True),
        (message(LONG), True),
        (message(LONG, addressed=False), False),
        (message("news", forwarded=True, addressed=False), False),
        (message(attachments=PHOTO, addressed=False), False),
        (message(attachments=PHOTO, album="a", addressed=False), True),
        (message(LONG[1:]), False),
        (message("😀" * (CUT_FROM // 2)), True),
    ],
)
def test_only_what_a_client_may_have_cut_waits(one: IncomingMessage, *, expects: bool) -> None:
    assert expects_more(one) is expects


@pytest.mark.parametrize(
    ("what", "last", "then", "does"),
    [
        ("album", message(album="a"), message(album="a", after=9), True),
        ("two albums", message(album="a"), message(album="b"), False),
        ("words behind an album", message(album="a"), message("look"), False),
        ("comment", message("look"), message("news", forwarded=True, foreign=True), True),
        ("forwards", message("n", forwarded=True), message("m", forwarded=True, after=1), True),
        ("a late forward", message("look"), message("news", forwarded=True, after=2), False),
        ("words behind forwards", message("n", forwarded=True), message("what?"), True),
        ("a paste", message(LONG), message("rest"), True),
        ("two messages", message("one"), message("two"), False),
        ("photo and question", message(attachments=PHOTO), message("what is this?"), True),
        ("question and photo", message("what is this?"), message(attachments=PHOTO), False),
        ("files", message(attachments=PAPER), message(attachments=PAPER), True),
        ("a command", message(album="a"), message("/stop", album="a"), False),
        ("behind a command", message("/help"), message("n", forwarded=True), False),
        ("a press", message(LONG), message(press=Press(id="", data="", message_id="")), False),
        ("another person", message(album="a"), message(album="a", sender=Person(id="8")), False),
    ],
)
def test_what_belongs_to_the_message_before(
    what: str, last: IncomingMessage, then: IncomingMessage, *, does: bool
) -> None:
    assert belongs(last, then, WINDOW) is does, what


def test_an_album_is_one_message_with_all_its_files() -> None:
    one = message(attachments=PHOTO, album="a", addressed=False)
    whole = joined([one, message("look", attachments=PAPER, album="a", quoted_text="q")])
    assert (whole.text, whole.attachments) == ("look", PHOTO + PAPER)
    assert (whole.addressed, whole.quoted_text, whole.id) == (True, "q", one.id)


def test_a_paste_is_put_together_where_it_was_cut() -> None:
    full = "y" * LONGEST_TEXT
    assert joined([message(full), message("z")]).text == f"{full}z"
    assert joined([message(LONG), message("z")]).text == f"{LONG}\nz"


def test_forwards_are_told_from_the_comment_they_come_with() -> None:
    news = message("news", forwarded=True, foreign=True)
    whole = joined([message("true?"), news, message("more", forwarded=True, foreign=True)])
    assert whole.text == f"true?\n{FORWARDED}\nnews\n{FORWARDED}\nmore"
    assert (whole.foreign, whole.forwarded) == (True, False)


def test_forwards_alone_stay_a_forward() -> None:
    news = message("news", forwarded=True, foreign=True)
    whole = joined([news, news])
    assert (whole.text, whole.foreign, whole.forwarded) == ("news\nnews", True, True)


def test_one_message_stays_as_it_is() -> None:
    one = message("hello")
    assert joined([one]) is one
