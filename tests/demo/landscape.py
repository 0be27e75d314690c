"""A photo for the demo to send: a lake between mountains, an evening in late spring."""

import io
import math

from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]

_WIDTH, _HEIGHT = 640, 400
_SHORE = 262
_SKY: tuple[Colour, Colour] = ((52, 58, 120), (255, 176, 122))
_RANGES: tuple[tuple[int, int, Colour], ...] = (
    (188, 44, (126, 104, 150)),
    (214, 38, (84, 74, 124)),
    (240, 20, (46, 48, 88)),
)
"""Height of the ridge, how much it goes up and down, and its colour; the farthest first."""


def photo() -> bytes:
    """Draw it; a JPEG."""
    scene = Image.new("RGB", (_WIDTH, _HEIGHT))
    draw = ImageDraw.Draw(scene)
    for y in range(_SHORE):
        draw.line((0, y, _WIDTH, y), fill=_between(*_SKY, min(1.0, y / 190)))
    draw.ellipse((446, 112, 490, 156), fill=(255, 232, 190))
    for number, (height, swing, colour) in enumerate(_RANGES):
        draw.polygon(_ridge(height, swing, number), fill=colour)
    scene.paste(_reflection(scene), (0, _SHORE))
    draw.polygon([(0, 400), (0, 352), (120, 372), (260, 400)], fill=(22, 26, 46))
    for x, tall in ((28, 120), (62, 88), (96, 62)):
        _fir(draw, x, 382, tall)
    written = io.BytesIO()
    scene.save(written, "JPEG", quality=82)
    return written.getvalue()


def _between(first: Colour, second: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def _ridge(height: int, swing: int, number: int) -> list[tuple[float, float]]:
    waves = ((0.011, 1.0), (0.027, 0.5), (0.071, 0.18))
    line = [
        (
            float(x),
            height
            - swing * sum(w * abs(math.sin(x * f + 2.1 * number + f * 90)) for f, w in waves),
        )
        for x in range(0, _WIDTH + 8, 8)
    ]
    return [*line, (float(_WIDTH), float(_SHORE)), (0.0, float(_SHORE))]


def _reflection(scene: Image.Image) -> Image.Image:
    """Turn the sky and the mountains over, darker and blurred along the water."""
    depth = _HEIGHT - _SHORE
    above = scene.crop((0, _SHORE - depth, _WIDTH, _SHORE))
    water = above.transpose(Image.Transpose.FLIP_TOP_BOTTOM).filter(ImageFilter.GaussianBlur(2))
    return Image.blend(water, Image.new("RGB", water.size, (30, 44, 92)), 0.35)


def _fir(draw: ImageDraw.ImageDraw, x: int, foot: int, tall: int) -> None:
    for tier in range(4):
        top = foot - tall + tier * tall * 0.2
        half = 6 + tall * 0.06 * (tier + 1)
        draw.polygon(
            [(x, top), (x - half, top + tall * 0.4), (x + half, top + tall * 0.4)],
            fill=(18, 24, 42),
        )
