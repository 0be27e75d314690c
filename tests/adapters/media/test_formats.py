"""What is found in files of every kind, here without the process around."""

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from minibot.adapters.media.formats import Order, read
from minibot.adapters.media.office import MOST_UNPACKED
from minibot.core.errors import MediaUnreadable
from minibot.core.media import Extract
from tests.adapters.media.samples import (
    ENTITIES,
    docx,
    docx_bomb,
    docx_table,
    odt,
    packed,
    paragraph,
    pdf,
    pdf_that_claims,
    pdf_that_goes_in_circles,
    picture,
    png_that_claims,
    pptx,
    sideways_jpeg,
    xlsx,
)

ROWS = (
    '<row><c t="s" r="A1"><v>0</v></c><c t="s" r="C1"><v>1</v></c></row><row/>'
    '<row><c t="inlineStr"><is><t>Tea</t></is></c><c r="C3"><v>3.5</v></c></row>'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def reading(folder: Path, data: bytes, name: str = "file", **fields: Any) -> Extract:
    path = folder / "stored"
    path.write_bytes(data)
    known = {"mime_type": "", "max_pages": 20, "max_characters": 1_000}
    return read(Order(path=path, name=name, **{**known, **fields}))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"hello", "hello"),
        ("żółć 😀".encode(), "żółć 😀"),
        (b"\xef\xbb\xbfhello", "hello"),
        ("grüße".encode("utf-16"), "grüße"),
        (b"a,b\n1,2\n", "a,b\n1,2"),
        (b"def f():\n\treturn 1\x00"[:-1], "def f():\n\treturn 1"),
        (
            b"\x1b[31mred\x1b[0m text that a terminal wrote",
            "\x1b[31mred\x1b[0m text that a terminal wrote",
        ),
        (b'<?xml version="1.0"?><svg>a</svg>', '<?xml version="1.0"?><svg>a</svg>'),
        (
            b"<!doctype html><title>T</title><body><script>x()</script><p>Hi <b>you</b></body>",
            "T\n\nHi\nyou",
        ),
        (pdf("Hello there"), "Hello there"),
        (pdf("One", "Two"), "[Page 1]\nOne\n[Page 2]\nTwo"),
        (docx(paragraph("One") + paragraph("Two")), "One\nTwo"),
        (docx(docx_table(("a", "b"), ("c", ""))), "a | b\nc"),
        (docx(f"<w:p><w:txbx>{paragraph('in a box')}</w:txbx></w:p>"), "in a box"),
        (pptx("Intro", "End"), "[Slide 1]\nIntro\n\n[Slide 2]\nEnd"),
        (xlsx(Prices=ROWS), "[Sheet Prices]\nItem\t\tPrice\nTea\t\t3.5"),
        (
            odt(
                "<text:h>Head</text:h><text:p>so<text:s/>it <text:span>goes</text:span> on</text:p>"
            ),
            "Head\nso it goes on",
        ),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else value[:20],
)
def test_text_is_found(folder: Path, data: bytes, text: str) -> None:
    assert reading(folder, data) == Extract(text=text)


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r"])
def test_text_in_an_old_encoding_is_found(folder: Path, encoding: str) -> None:
    said = "Завтра в пять часов мы встречаемся у входа в парк, и ты приносишь чай. " * 4
    assert reading(folder, said.encode(encoding)).text == said.strip()


@pytest.mark.parametrize(
    ("data", "limits", "scope"),
    [
        (pdf(*["x"] * 5), {"max_pages": 2}, "pages 1-2 of 5"),
        (
            pdf(*["x" * 300] * 5),
            {"max_characters": 400},
            "the first 400 characters of pages 1-2 of 5",
        ),
        (pptx(*"abc"), {"max_pages": 1}, "slides 1-1 of 3"),
        (xlsx(A=ROWS, B=ROWS, C=ROWS), {"max_pages": 2}, "sheets 1-2 of 3"),
        (docx(paragraph("y" * 2_000)), {}, "the first 1,000 characters"),
        (b"z" * 1_001, {}, "the first 1,000 characters"),
        (b"z" * 1_000, {}, ""),
    ],
)
def test_what_is_too_long_says_which_part_was_read(
    folder: Path, data: bytes, limits: dict[str, Any], scope: str
) -> None:
    extract = reading(folder, data, **limits)
    assert extract.scope == scope
    assert 0 < len(extract.text) <= 1_000


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02\x03" * 100, "neither text"),
        (bytes(range(1, 32)) * 40, "neither text"),
        (pdf("secret", password="x"), "password"),
        (pdf("secret", password="x", algorithm="AES-256"), "password"),
        (
            pdf("secret", password="x").replace(b"/Standard", b"/Rights!!"),
            "password",
        ),
        (pdf("", ""), "pictures and no text"),
        (pdf(""), "a picture and no text"),
        (pdf("Hello")[:60], "damaged"),
        (b"%PDF-1.7\n" + b"garbage " * 100, "damaged"),
        (pdf_that_goes_in_circles(), "no pages|damaged"),
        (docx(paragraph("x"))[:-30], "archive|damaged"),
        (docx("<w:p><w:r>"), "damaged"),
        (docx("", head=ENTITIES), "entities"),
        (docx_bomb(MOST_UNPACKED // 1024**2 + 1), "unpacks to more"),
        (packed({"a.txt": "x"}), "an archive"),
        (packed({"../../etc/passwd": "x", "/abs": "y"}), "an archive"),
        (packed({f"{n}": "" for n in range(20_001)}), "more than 20,000 files"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "before 2007"),
        (b"{\\rtf1 hello}", "RTF"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 40, "HEIC"),
        (b"\x1f\x8b\x08" + b"\0" * 40, "archive"),
        (picture(90, 90)[:400], "damaged"),
        (b"\xff\xd8\xff" + b"\0" * 50, "damaged"),
        (png_that_claims(60_000, 60_000), "too many pixels"),
        (png_that_claims(100, 100), "damaged"),
    ],
)
def test_what_cannot_be_read_says_why(folder: Path, data: bytes, problem: str) -> None:
    with pytest.raises(MediaUnreadable, match=problem):
        reading(folder, data)


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_a_pdf_that_only_forbids_changes_is_read(folder: Path, algorithm: str) -> None:
    data = pdf("statement", password="", owner="x", algorithm=algorithm)
    assert reading(folder, data) == Extract(text="statement")


def test_pages_are_counted_and_not_believed(folder: Path) -> None:
    assert reading(folder, pdf_that_claims(10_000)) == Extract(text="hello")


@pytest.mark.parametrize(
    ("name", "mime_type"),
    [("a.pdf", "application/pdf"), ("a.jpg", "image/jpeg"), ("a.docx", ""), ("../../a", "x")],
)
def test_neither_name_nor_type_is_believed(folder: Path, name: str, mime_type: str) -> None:
    assert reading(folder, b"just words", name, mime_type=mime_type).text == "just words"


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (picture(5_000, 1_000), (2_048, 410)),
        (picture(30, 20, "GIF", "P"), (30, 20)),
        (picture(30, 20, "BMP"), (30, 20)),
        (picture(30, 20, "TIFF", "CMYK"), (30, 20)),
        (picture(30, 20, "WEBP", "RGBA"), (30, 20)),
        (picture(30, 20, "PNG", "LA"), (30, 20)),
        (sideways_jpeg(), (20, 40)),
    ],
)
def test_a_picture_is_made_one_that_models_take(
    folder: Path, data: bytes, size: tuple[int, int]
) -> None:
    extract = reading(folder, data, "a.bin")
    with Image.open(io.BytesIO(extract.picture)) as made:
        assert (made.format, made.mode, made.size) == ("JPEG", "RGB", size)
    assert extract.mime_type == "image/jpeg"
    assert b"home address" not in extract.picture


def test_what_is_seen_through_is_white(folder: Path) -> None:
    extract = reading(folder, picture(8, 8, "PNG", "RGBA"))
    with Image.open(io.BytesIO(extract.picture)) as made:
        assert made.getpixel((4, 4)) == (255, 255, 255)
