"""Small pictures of uploaded images: turned upright, without metadata, never larger than 320 pixels."""

import io

from PIL import Image, ImageFile, ImageOps

from ..kernel.errors import msg
from .magic import FileRefusedError

MAX_SIDE = 320
# what may be decoded at all: a picture of a few kilobytes can ask for gigabytes of memory
MAX_PIXELS = 40_000_000
QUALITY = 80


def make_thumbnail(name: str, content: bytes) -> bytes:
    """A WebP of at most 320 × 320 pixels. Raises `FileRefusedError` for broken or oversized images."""
    try:
        return _draw(name, content)
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise FileRefusedError(name=name, reason=msg("the image is damaged or too large")) from error


def _draw(name: str, content: bytes) -> bytes:
    # libraries that only draw (WeasyPrint) make Pillow accept what is cut short, in the whole process
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as image:
        if image.width * image.height > MAX_PIXELS:
            raise FileRefusedError(name=name, reason=msg("the image has too many pixels"))
        image.draft("RGB", (MAX_SIDE, MAX_SIDE))
        upright = ImageOps.exif_transpose(image)
        has_alpha = "A" in upright.getbands() or "transparency" in upright.info
        small = upright.convert("RGBA" if has_alpha else "RGB")
    small.thumbnail((MAX_SIDE, MAX_SIDE))
    small.info.clear()
    out = io.BytesIO()
    small.save(out, "WEBP", quality=QUALITY)
    return out.getvalue()
