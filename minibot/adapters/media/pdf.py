"""Text of PDF files."""

import logging

from pypdf import PdfReader
from pypdf.errors import DependencyError, PyPdfError

from minibot.adapters.media.formats import Order
from minibot.adapters.media.text import Page, span
from minibot.core.errors import MediaUnreadable
from minibot.core.media import Extract

PROTECTED = "it is protected by a password: send it without one"


def read_pdf(order: Order) -> Extract:
    """Read the first pages. Raises `MediaUnreadable`."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it warns of every oddity
    try:
        return _read(order)
    except (DependencyError, NotImplementedError):  # a cipher that is not known
        raise MediaUnreadable(PROTECTED) from None
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, OSError):
        raise MediaUnreadable("it is damaged: no PDF reader could make sense of it") from None


def _read(order: Order) -> Extract:
    with order.path.open("rb") as file, PdfReader(file) as reader:
        if reader.is_encrypted and not reader.decrypt(""):
            raise MediaUnreadable(PROTECTED)
        count = len(reader.pages)
        if not count:
            raise MediaUnreadable("it has no pages")
        page, shown = Page(order.max_characters), 0
        for number in range(min(count, order.max_pages)):
            if count > 1:
                page.add(f"\n[Page {number + 1}]\n")
            page.add(reader.pages[number].extract_text())
            shown += 1
            if page.full:
                break
        return _with_words(page.extract(span("pages", shown, count)), count)


def _with_words(extract: Extract, count: int) -> Extract:
    lines = [line for line in extract.text.splitlines() if not line.startswith("[Page ")]
    if not "".join(lines).strip():
        raise MediaUnreadable(
            "its pages hold pictures and no text: send the ones that matter as photos"
            if count > 1
            else "it holds a picture and no text: send it as a photo"
        )
    return extract
