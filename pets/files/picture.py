"""Pictures as they are kept: read from whatever a phone or a camera sends, turned upright, made small."""

import hashlib
import struct
import threading
from io import BytesIO
from typing import NamedTuple

import pillow_heif
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from pets.files.refused import RefusedFile
from pets.language import gettext as _, lazy_gettext, number

LARGEST = 20_000_000  # bytes of a file
JPEG_PIXELS = 50_000_000  # a JPEG is read at a fraction of its size
OTHER_PIXELS = 25_000_000  # all else is read whole, at four bytes each
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "HEIF")
EDGE, THUMB = 1024, 96  # pixels
ENOUGH = 120_000  # bytes of a picture as it is kept
QUALITIES = (80, 65, 50)

UNREADABLE = lazy_gettext(
    "This file is not a picture that can be read. Choose a JPEG, PNG, WebP, GIF or HEIC file."
)
DAMAGED = lazy_gettext("This picture is damaged or not complete. Choose another, or take it again.")

pillow_heif.register_heif_opener(thumbnails=False)
Image.MAX_IMAGE_PIXELS = None  # `_opened` looks at the size before anything is read
_one_at_a_time = threading.Lock()  # so that the memory that pictures take is that of one


class Picture(NamedTuple):
    """A picture as it is kept: two sizes in WebP, nothing else of the file that it came from."""

    large: bytes  # at most 1024 pixels on its longer edge
    thumb: bytes  # 96 by 96 pixels

    @property
    def digest(self) -> str:
        """By what it is known: the same picture is kept once."""
        return hashlib.sha256(self.large).hexdigest()


def read_picture(content: bytes) -> Picture:
    """Make a picture of a file. Raises RefusedFile, with a sentence, for one that cannot be taken.

    Place, time and camera, which phones write into a file, do not survive: only pixels do.
    """
    if len(content) > LARGEST:
        raise RefusedFile(
            _("This picture has %(size)s MB. Choose one of at most 20 MB.", size=round(len(content) / 1e6))
        )
    with _one_at_a_time:
        try:
            with _opened(content) as image:
                return _made(image)
        except (OSError, EOFError, SyntaxError, ValueError, struct.error, MemoryError) as problem:
            if isinstance(problem, RefusedFile):
                raise
            raise RefusedFile(DAMAGED) from problem


def _opened(content: bytes) -> Image.Image:
    """The file, of which only the head is read so far."""
    try:
        image = Image.open(BytesIO(content), formats=FORMATS)
    except UnidentifiedImageError as problem:
        raise RefusedFile(UNREADABLE) from problem
    pixels = image.width * image.height
    # Of a progressive JPEG, all has to be in memory at once, too.
    in_parts = image.format in ("JPEG", "MPO") and not image.info.get("progressive")
    most = JPEG_PIXELS if in_parts else OTHER_PIXELS
    if pixels > most:
        raise RefusedFile(
            _(
                "This picture has %(size)s megapixels. Choose one of at most %(most)s.",
                size=number(round(pixels / 1e6)),
                most=round(most / 1e6),
            )
        )
    return image


def _made(image: Image.Image) -> Picture:
    image.draft("RGB", (EDGE, EDGE))
    small = _in_colours(image)
    small.thumbnail((EDGE, EDGE), reducing_gap=2.0)
    upright = ImageOps.exif_transpose(small)
    plain = _in_srgb(upright, image.info.get("icc_profile"))
    return Picture(_webp(plain), _webp(ImageOps.fit(plain, (THUMB, THUMB))))


def _in_colours(image: Image.Image) -> Image.Image:
    """The first picture of the file in red, green and blue, and with its clear parts, where it has some."""
    clear = "A" in image.getbands() or "transparency" in image.info
    mode = "RGBA" if clear else "RGB"
    if image.mode.startswith("I"):  # 16 bits of grey
        image = image.point(lambda value: value / 256).convert("L")
    return image if image.mode == mode else image.convert(mode)


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """In the colours that every screen takes for granted; phones write others, and say so in a profile."""
    if not profile:
        return image
    try:
        there = ImageCms.ImageCmsProfile(BytesIO(profile))
        return ImageCms.profileToProfile(image, there, ImageCms.createProfile("sRGB")) or image
    except (ImageCms.PyCMSError, OSError):
        return image  # a profile of another kind of colours, or none at all: shown as it is


def _webp(image: Image.Image) -> bytes:
    """In so few bytes as are enough: by the best quality that allows it, or else in fewer pixels."""
    for quality in QUALITIES:
        stream = BytesIO()
        image.save(stream, "WEBP", quality=quality, method=4, exif=b"", icc_profile=b"", xmp=b"")
        if stream.tell() <= ENOUGH:
            return stream.getvalue()
    return _webp(ImageOps.scale(image, 0.75))
