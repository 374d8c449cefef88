"""Pictures that come in, and sources as they stand under an article."""

import io
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from lxml.html import fragment_fromstring
from PIL import Image as Pillow
from PIL import ImageDraw

from articles import pictures
from articles.models import Image, Source, render_body

pytestmark = pytest.mark.django_db


def picture(kind="PNG", size=(40, 30), mode="RGB", **options):
    out = io.BytesIO()
    image = Pillow.new(mode, size, "teal")
    ImageDraw.Draw(image).line((0, 0, *size), fill="white")
    image.save(out, kind, **options)
    return out.getvalue()


def moving(kind):
    frames = [Pillow.new("RGB", (9, 9), color) for color in ("red", "blue", "teal")]
    out = io.BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:])
    return out.getvalue()


def with_place():
    """A photograph that tells where it was taken."""
    exif = Pillow.Exif()
    exif[0x010E] = "canary"
    exif.get_ifd(0x8825)[1] = "N"
    return picture("JPEG", exif=exif)


def encode(content):
    return pictures.encode(ContentFile(content))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_pictures_are_made_anew_as_webp(kind):
    encoded = encode(picture(kind))
    with Pillow.open(io.BytesIO(encoded.content)) as made:
        assert (made.format, made.size) == ("WEBP", (40, 30))
    assert (encoded.suffix, encoded.width, encoded.height) == (".webp", 40, 30)


def test_what_hides_in_a_file_is_gone():
    content = with_place() + b"<script>canary</script>"
    assert b"canary" in content
    encoded = encode(content)
    assert b"canary" not in encoded.content
    with Pillow.open(io.BytesIO(encoded.content)) as made:
        assert not made.getexif()
        assert "icc_profile" not in made.info


def test_a_turned_photograph_is_turned_upright():
    exif = Pillow.Exif()
    exif[0x0112] = 6
    encoded = encode(picture("JPEG", exif=exif))
    assert (encoded.width, encoded.height) == (30, 40)


def test_transparency_stays():
    out = io.BytesIO()
    Pillow.new("RGBA", (9, 9), (0, 0, 0, 0)).save(out, "PNG")
    with Pillow.open(io.BytesIO(encode(out.getvalue()).content)) as made:
        assert made.convert("RGBA").getpixel((4, 4))[3] == 0


def test_large_pictures_are_made_smaller():
    encoded = encode(picture("JPEG", (4000, 1000)))
    assert (encoded.width, encoded.height) == (1600, 400)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><script>1</script></svg>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "unreadable"),
        (SVG, "unreadable"),
        (b"<html><script>1</script>", "unreadable"),
        (picture("GIF"), "unreadable"),
        (picture("BMP"), "unreadable"),
        (picture("TIFF"), "unreadable"),
        (picture("EPS"), "unreadable"),
        (picture("PNG")[:60], "unreadable"),
        (moving("WEBP"), "moving"),
        (moving("PNG"), "moving"),
        (b"\0" * (5 * 1024 * 1024 + 1), "too-large"),
        # Black and white: made in a moment, whenever tests are collected.
        (picture("PNG", (5001, 5000), "1"), "too-many-pixels"),
        (picture("PNG", (10_000, 10_000), "1"), "too-many-pixels"),
    ],
)
def test_anything_else_is_refused(content, code):
    with pytest.raises(ValidationError) as refusal:
        encode(content)
    assert refusal.value.code == code


def test_a_picture_has_a_name_of_ours_that_changes_with_it():
    image = Image(name="roller", alt="A roller", credit="Us")
    upload = ContentFile(picture(), name="../../IMG 1 <script>.png")
    image.take_upload(upload)
    image.save()
    first = image.file.name
    assert first.startswith("images/roller-")
    assert first.endswith(".webp")
    image.take_upload(ContentFile(picture()))
    assert image.file.name == first
    image.take_upload(ContentFile(picture(size=(20, 20))))
    assert image.file.name != first
    assert image.width == 20


def test_a_text_shows_a_picture_with_its_credit():
    image = Image(name="roller", alt="A foam roller", credit="Drawn by us")
    image.take_upload(ContentFile(picture()))
    image.save()
    html = render_body('![](image:roller "On the floor.")').html
    assert 'alt="A foam roller"' in html
    assert "Drawn by us" in html
    assert image.file.url in html


FIELDS = {
    "authors": "Laimi K, Mäkilä A, Bärlund E, Katajapuu N, Oksanen A",
    "year": "2018",
    "title": "Effects of *release*: a [review] of a_b & p < 0.05",
    "published_in": "Clinical Rehabilitation, 32(4)",
    "doi": "10.1177/0269215517732820",
    "kind": Source.Kind.SYSTEMATIC_REVIEW,
}


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {},
            "Laimi K, Mäkilä A, Bärlund E, and others (2018). Effects of *release*: a"
            " [review] of a_b & p < 0.05. Clinical Rehabilitation, 32(4)."
            " Systematic review.",
        ),
        (
            {"authors": "A B, C D, E F, G H", "title": "Rest.", "published_in": ""},
            "A B, C D, E F, G H (2018). Rest. Systematic review.",
        ),
        (
            {"authors": "", "year": "", "title": "Rest", "kind": "page"},
            "Rest. Clinical Rehabilitation, 32(4). Web page.",
        ),
        (
            {"title": "Rest", "dead_since": date(2026, 5, 3)},
            "Laimi K, Mäkilä A, Bärlund E, and others (2018). Rest. Clinical"
            " Rehabilitation, 32(4). Systematic review. Its address stopped answering"
            " on 3 May 2026.",
        ),
    ],
)
def test_a_source_reads_as_its_fields_say(changes, text):
    Source.objects.create(key="x-2018", **{**FIELDS, **changes})
    rendered = render_body("Yes.[^x-2018]")
    assert rendered.problems == []
    words = " ".join(
        fragment_fromstring(rendered.html, create_parent=True).itertext()
    ).split("↑")[0]
    assert " ".join(words.split()).replace(" .", ".").endswith(text)


def test_a_source_links_to_its_doi_until_it_is_dead():
    source = Source(key="x", **FIELDS)
    assert "(<https://doi.org/10.1177/0269215517732820>)" in source.as_reference()
    source.dead_since = date(2026, 5, 3)
    assert "doi.org" not in source.as_reference()
