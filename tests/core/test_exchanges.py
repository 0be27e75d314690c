"""Which turn answered what."""

from dataclasses import replace

from minibot.core.exchanges import MOST_TURNS, Exchange, says_the_same
from minibot.core.messages import Attachment, AttachmentKind
from tests.contracts.storages import an_arrival


def test_so_many_turns_are_remembered_of_an_answer_given_anew_and_anew() -> None:
    exchange = Exchange(item=99, questions=(99,), turns=tuple(range(50)), entries=2)
    assert exchange.all_turns == (*range(50 - MOST_TURNS + 1, 50), 99)


def test_words_and_files_make_the_difference_between_two_forms_of_a_message() -> None:
    message = an_arrival("1").message
    assert message is not None
    photo = Attachment(kind=AttachmentKind.PHOTO, file_id="a", key="k")
    assert says_the_same(message, replace(message, id="9", quoted_text="link preview"))
    assert not says_the_same(message, replace(message, text="other"))
    assert not says_the_same(message, replace(message, attachments=(photo,)))
    one, again = (replace(photo, file_id=name) for name in "ab")
    assert says_the_same(
        replace(message, attachments=(one,)), replace(message, attachments=(again,))
    )
