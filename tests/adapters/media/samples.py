"""Files as people send them, and as somebody sends them who means harm."""

import io
import random
import zipfile
import zlib
from collections.abc import Mapping

import pypdf
from PIL import Image

WORD_NS = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
MAIN_NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
DRAWING_NS = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
ODF_NS = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
)
ENTITIES = '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'


def pdf(*pages: str, password: str = "", owner: str = "", algorithm: str = "RC4-128") -> bytes:
    """Write a PDF with a line of text on each page; without words where a page has none."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 "]
    objects[2] += "/BaseFont /Helvetica >>"
    kids = []
    for text in pages:
        content = f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET" if text else ""
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {len(objects)} 0 R >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    plain = _assembled(objects)
    if not password and not owner:
        return plain
    writer = pypdf.PdfWriter(io.BytesIO(plain))
    writer.encrypt(password, owner or password, algorithm=algorithm)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def pdf_that_claims(pages: int) -> bytes:
    """Write a PDF of one page that says it has so many."""
    return pdf("hello").replace(b"/Count 1", b"/Count %d" % pages)


def pdf_that_goes_in_circles() -> bytes:
    """Write a PDF whose pages are among their own pages."""
    return _assembled(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 /Parent 2 0 R >>",
        ]
    )


def pdf_bomb(megabytes: int) -> bytes:
    """Write a PDF of a few KB whose page unpacks to so many megabytes."""
    packed = zlib.compress(b"BT (x) Tj ET\n" * (megabytes * 1024**2 // 13), 9)
    page = (
        b"%%PDF-1.4\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n"
        b"2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj\n"
        b"3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >> endobj\n"
        b"4 0 obj << /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed)
    )
    return page + packed + b"\nendstream endobj\ntrailer << /Root 1 0 R >>\n%%EOF"


def packed(members: Mapping[str, str | bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return written.getvalue()


def docx(body: str, *, head: str = "") -> bytes:
    document = f'<?xml version="1.0"?>{head}<w:document {WORD_NS}><w:body>{body}</w:body>'
    return packed({"word/document.xml": f"{document}</w:document>", "[Content_Types].xml": "<t/>"})


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def docx_table(*rows: tuple[str, ...]) -> str:
    cells = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def docx_bomb(megabytes: int) -> bytes:
    """Write a document of some KB that unpacks to so many megabytes."""
    return docx(paragraph("x" * megabytes * 1024**2))


def pptx(*slides: str) -> bytes:
    return packed(
        {
            f"ppt/slides/slide{number}.xml": (
                f"<p {DRAWING_NS}><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p>"
            )
            for number, text in enumerate(slides, start=1)
        }
    )


def xlsx(**sheets: str) -> bytes:
    """Write a workbook; each sheet is given by its rows in XML."""
    names = "".join(f'<sheet name="{name}"/>' for name in sheets)
    members = {
        "xl/workbook.xml": f"<workbook {MAIN_NS}><sheets>{names}</sheets></workbook>",
        "xl/sharedStrings.xml": f"<sst {MAIN_NS}><si><t>Item</t></si><si><t>Price</t></si></sst>",
    }
    for number, rows in enumerate(sheets.values(), start=1):
        members[f"xl/worksheets/sheet{number}.xml"] = (
            f"<worksheet {MAIN_NS}><sheetData>{rows}</sheetData></worksheet>"
        )
    return packed(members)


def odt(body: str) -> bytes:
    content = f"<office:document {ODF_NS}><office:body>{body}</office:body></office:document>"
    return packed({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})


def picture(width: int, height: int, kind: str = "JPEG", mode: str = "RGB") -> bytes:
    written = io.BytesIO()
    Image.new(mode, (width, height)).save(written, kind)
    return written.getvalue()


def noise(width: int, height: int) -> bytes:
    """Write a picture that no compression makes smaller: three bytes a pixel."""
    written = io.BytesIO()
    pixels = random.Random(1).randbytes(width * height * 3)  # noqa: S311 - no secret
    Image.frombytes("RGB", (width, height), pixels).save(written, "PNG", compress_level=1)
    return written.getvalue()


def sideways_jpeg() -> bytes:
    """Write a photo that a camera was held upright for, and that tells where."""
    written = io.BytesIO()
    image = Image.new("RGB", (40, 20))
    exif = image.getexif()
    exif[0x0112] = 6
    exif[0x010E] = "home address"
    image.save(written, "JPEG", exif=exif)
    return written.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    """Write a PNG of a few bytes that says it has so many pixels."""
    small = picture(1, 1, "PNG")
    header = b"IHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + small[24:29]
    return small[:12] + header + zlib.crc32(header).to_bytes(4, "big") + small[33:]


def _assembled(objects: list[str]) -> bytes:
    data, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(data))
        data += f"{number} 0 obj\n{content}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    head = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    tail = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(data)}\n%%EOF"
    return data + head.encode() + tail.encode()
