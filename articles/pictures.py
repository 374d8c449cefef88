"""Pictures that people send: only plain photographs and drawings pass, made anew.

Whatever hid in the file (scripts, places, a second format) is gone, because the stored
file is our own encoding of nothing but the pixels (TRUST A22).
"""

import hashlib
import io
import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.files import File
from PIL import Image, ImageOps

MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 25_000_000
# Twice the widest column a reader sees: sharp on dense screens, small to send.
MAX_SIDE = 1600
FORMATS = ("JPEG", "PNG", "WEBP")
WEBP_QUALITY = 82

VIEW_BOX = re.compile(rb'<svg[^>]*\sviewBox="\S+ \S+ (\S+) (\S+)"')


@dataclass(frozen=True)
class Encoded:
    """A file ready to store; width and height in pixels."""

    content: bytes
    suffix: str
    width: int
    height: int

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:12]


def encode(file: File[bytes]) -> Encoded:
    """Make a JPEG, PNG or WebP anew as WebP, at most MAX_SIDE wide or high.

    Raises ValidationError with a plain sentence for anything else: other formats (SVG
    too), moving pictures, files over MAX_BYTES, pictures over MAX_PIXELS, broken ones.
    """
    if file.size > MAX_BYTES:
        raise ValidationError("This picture is larger than 5 MB.", code="too-large")
    try:
        return _encode(io.BytesIO(file.read(MAX_BYTES)))
    except ValidationError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    # For a broken file Pillow raises whatever its decoder came upon.
    except Exception as error:
        raise ValidationError(
            "This is not a JPEG, PNG or WebP picture that can be read.",
            code="unreadable",
        ) from error


def _encode(content: io.BytesIO) -> Encoded:
    with Image.open(content, formats=FORMATS) as picture:
        # Size and frames stand in the header: nothing has been decoded yet.
        if picture.width * picture.height > MAX_PIXELS:
            raise _too_many_pixels()
        if getattr(picture, "n_frames", 1) > 1:
            raise ValidationError("Moving pictures cannot be used.", code="moving")
        lossless = picture.format == "PNG"
        upright = ImageOps.exif_transpose(picture)
    mode = "RGBA" if upright.has_transparency_data else "RGB"
    pixels = upright.convert(mode)
    pixels.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    # A new image: `info`, where metadata lives, stays behind.
    bare = Image.new(mode, pixels.size)
    bare.paste(pixels)
    out = io.BytesIO()
    bare.save(out, "WEBP", lossless=lossless, quality=WEBP_QUALITY, method=6)
    return Encoded(out.getvalue(), ".webp", *bare.size)


def _too_many_pixels() -> ValidationError:
    return ValidationError(
        "This picture has more than 25 million pixels.", code="too-many-pixels"
    )


def measure_drawing(svg: bytes) -> Encoded:
    """One of our own drawings, with the size that its `viewBox` says.

    Raises ValueError when it has none.
    """
    box = VIEW_BOX.search(svg)
    if not box:
        raise ValueError("The drawing has no viewBox.")
    return Encoded(svg, ".svg", round(float(box[1])), round(float(box[2])))
