"""Pictures as phones and cameras send them, and what is refused."""

import contextlib
import hashlib
from io import BytesIO

import pillow_heif
import pytest
from PIL import Image

from pets.files.picture import ENOUGH, read_picture
from pets.files.refused import RefusedFile

GPS, ORIENTATION = 0x8825, 0x0112


def sent(size=(400, 300), kind="JPEG", colour="red", mode="RGB", **settings):
    stream = BytesIO()
    Image.new(mode, size, colour).save(stream, kind, **settings)
    return stream.getvalue()


def opened(content):
    return Image.open(BytesIO(content))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "HEIF"])
def test_what_phones_and_cameras_send_is_kept_in_two_sizes(kind):
    picture = read_picture(sent((1500, 1000), kind))
    assert opened(picture.large).size == (1024, 683)
    assert opened(picture.thumb).size == (96, 96)
    assert {opened(content).format for content in picture} == {"WEBP"}
    assert picture.digest == hashlib.sha256(picture.large).hexdigest()


def test_a_small_picture_is_not_blown_up():
    assert opened(read_picture(sent((40, 30))).large).size == (40, 30)


def test_only_the_first_picture_of_a_gif_is_kept():
    stream = BytesIO()
    frames = [Image.new("RGB", (50, 50), colour) for colour in ("red", "blue")]
    frames[0].save(stream, "GIF", save_all=True, append_images=frames[1:])
    large = opened(read_picture(stream.getvalue()).large)
    assert getattr(large, "n_frames", 1) == 1
    red, _, blue = large.convert("RGB").getpixel((25, 25))
    assert red > 200 > 50 > blue


def test_it_is_turned_upright_and_tells_nothing_of_where_it_was_taken():
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # the camera was held upright
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[2] = (50.0, 5.0, 16.0)
    content = sent((400, 300), exif=exif, comment=b"by Edith")
    assert dict(opened(content).getexif().get_ifd(GPS))
    for kept in read_picture(content):
        image = opened(kept)
        assert not dict(image.getexif())
        assert not {"exif", "xmp", "icc_profile", "comment"} & image.info.keys()
        assert b"Edith" not in kept
    assert opened(read_picture(content).large).size == (300, 400)


def test_what_is_clear_stays_clear():
    stream = BytesIO()
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(stream, "PNG")
    assert opened(read_picture(stream.getvalue()).large).getpixel((10, 10))[3] == 0


def test_it_is_small_whatever_it_shows():
    noise = Image.effect_noise((2000, 1500), 100).convert("RGB")
    stream = BytesIO()
    noise.save(stream, "JPEG", quality=95)
    assert len(read_picture(stream.getvalue()).large) <= ENOUGH


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: b"", "not a picture that can be read"),
        (lambda: b"MZ\x90\x00 a program", "not a picture that can be read"),
        (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "not a picture"),
        (lambda: sent()[:-200], "damaged or not complete"),
        (lambda: sent(kind="PNG")[:80], "damaged or not complete"),
        (lambda: sent(kind="HEIF")[:-20], "damaged or not complete"),
        (lambda: bytes(20_000_001), "has 20 MB. Choose one of at most 20 MB"),
        (lambda: sent((6000, 5000), "PNG", mode="1"), "has 30 megapixels. Choose one of at most 25"),
        (lambda: sent((8000, 7000), mode="L"), "has 56 megapixels. Choose one of at most 50"),
        (lambda: sent((6000, 5000), mode="L", progressive=True), "has 30 megapixels. Choose one of at most"),
    ],
)
def test_what_cannot_be_taken_is_refused_in_a_sentence(make, words):
    content = make()
    with pytest.raises(RefusedFile, match=words):
        read_picture(content)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "HEIF"])
def test_no_damage_makes_an_error_of_ours(kind):
    """Whatever byte is wrong: a picture, or a sentence."""
    content = bytearray(sent((64, 64), kind))
    for place in range(0, len(content), max(1, len(content) // 60)):
        broken = bytes(content[:place]) + bytes([content[place] ^ 0x55]) + bytes(content[place + 1 :])
        with contextlib.suppress(RefusedFile):
            read_picture(broken)


def test_the_opener_is_there():
    assert pillow_heif.libheif_version()
