"""Pictures in a form that every model takes."""

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from minibot.adapters.media.formats import Order
from minibot.core.errors import MediaUnreadable
from minibot.core.media import Extract

LONGEST_SIDE = 2_048
"""Pixels; providers make larger pictures smaller than this themselves."""
MOST_PIXELS = 80_000_000
"""Decoded they take a quarter of the memory there is for it."""
QUALITY = 85
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")


def read_picture(order: Order) -> Extract:
    """Give a picture, upright, not too large and without what it tells beside. Of an animation it
    is the first frame. Raises `MediaUnreadable`."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(order.path, formats=FORMATS) as picture:
            picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            return Extract(picture=_jpeg(upright), mime_type="image/jpeg")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise MediaUnreadable(
            f"it has too many pixels: I look at {MOST_PIXELS // 1_000_000} million at the most"
        ) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise MediaUnreadable("the picture is damaged") from None


def _jpeg(picture: Image.Image) -> bytes:
    if picture.mode in ("RGBA", "LA", "PA", "P"):
        seen_through = picture.convert("RGBA")
        plain = Image.new("RGB", picture.size, "white")
        plain.paste(seen_through, mask=seen_through.getchannel("A"))
    else:
        plain = picture.convert("RGB")
    written = io.BytesIO()
    plain.save(written, "JPEG", quality=QUALITY)
    return written.getvalue()
