"""A picture of a page, taken by Chromium and made small enough for a README."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

WIDTH, TALLEST = 1196, 4000
"""CSS pixels: three phones side by side, and more than they need in height."""
SCALE = 2
_COLOURS = 256
_MARGIN = 16
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_OF_PLAYWRIGHT = ".cache/ms-playwright/chromium-*/chrome-linux*/chrome"


class NoBrowser(Exception):
    """There is no Chromium here, or it took no picture."""


def take_picture(page: Path, picture: Path) -> None:
    """Write a PNG of a page. Raises `NoBrowser`."""
    browser = _browser()
    # Chromium refuses to lock itself in when root starts it; the page is of our own making.
    as_root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with tempfile.TemporaryDirectory(prefix="minibot-picture-") as folder:
        raw = Path(folder, "raw.png")
        command = [
            *(browser, "--headless", *as_root, "--hide-scrollbars", "--disable-gpu"),
            *(f"--user-data-dir={folder}/profile", f"--force-device-scale-factor={SCALE}"),
            *(f"--window-size={WIDTH},{TALLEST}", f"--screenshot={raw}", page.resolve().as_uri()),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603
        if not raw.exists():
            raise NoBrowser(f"{browser} took no picture:\n{done.stderr[-2000:]}")
        with Image.open(raw) as taken:
            shown = _without_rest(taken.convert("RGB"))
    picture.parent.mkdir(parents=True, exist_ok=True)
    few = shown.quantize(_COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(picture, optimize=True)


def _browser() -> str:
    installed = next(filter(None, map(shutil.which, _NAMES)), None)
    found = installed or next(map(str, Path.home().glob(_OF_PLAYWRIGHT)), None)
    if found is None:
        raise NoBrowser(
            "A picture needs Chromium, and there is none. On Debian and Ubuntu: "
            "apt install chromium fonts-noto-color-emoji; elsewhere: playwright install chromium. "
            "The page itself is written without it."
        )
    return found


def _without_rest(image: Image.Image) -> Image.Image:
    """Cut off what is empty below."""
    ground = Image.new("RGB", image.size, image.getpixel((0, 0)))
    box = ImageChops.difference(image, ground).getbbox()
    bottom = image.height if box is None else min(image.height, box[3] + SCALE * _MARGIN)
    return image.crop((0, 0, image.width, bottom))
