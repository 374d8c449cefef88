import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Pixels

from articles.models import Image, Revision
from tests.make import make_article

pytestmark = pytest.mark.django_db

NEW = "/admin/articles/article/preview/"
PICTURES = "/admin/articles/article/pictures/"


@pytest.fixture
def newsroom(client, edda):
    client.force_login(edda)
    return client


def picture(format="PNG"):
    file = io.BytesIO()
    Pixels.new("RGB", (40, 30), "teal").save(file, format)
    return SimpleUploadedFile("shoulder.png", file.getvalue(), "image/png")


def test_the_real_page_shows_a_text_that_nobody_saved(newsroom, valid_html):
    article = make_article("fascia")
    text = {"title": "Other title", "body": "## Why?\n\nBecause *slow* works."}
    response = newsroom.post(f"/admin/articles/article/{article.pk}/preview/", text)
    page = response.content.decode()
    assert "<h1>Other title</h1>" in page
    assert "Because <em>slow</em> works." in page
    assert "Readers do not see this text." in page
    assert article.revisions.count() == 1
    valid_html(response)


def test_an_article_that_does_not_exist_yet_has_a_preview(newsroom):
    page = newsroom.post(NEW, {"body": "First words."}).content.decode()
    assert "First words." in page
    assert "No title yet" in page
    assert not Revision.objects.exists()


def test_passages_keep_their_names_in_a_preview(newsroom):
    article = make_article("fascia", body="One.\n\nTwo.")
    key = article.live.passages.get(text="Two.").key
    response = newsroom.post(
        f"/admin/articles/article/{article.pk}/preview/", {"body": "New.\n\nTwo."}
    )
    assert f'id="p-{key}"' in response.content.decode()


def test_a_preview_is_kept_by_nobody(newsroom):
    assert "no-store" in newsroom.post(NEW, {})["Cache-Control"]


@pytest.mark.parametrize("path", [NEW, PICTURES])
def test_only_editors_may(client, maya, path):
    assert client.post(path).status_code == 302
    client.force_login(maya)
    assert client.post(path).status_code in {302, 403}


@pytest.mark.parametrize("path", [NEW, PICTURES])
def test_only_a_form_may_ask(newsroom, path):
    assert newsroom.get(path).status_code == 405


def test_a_pasted_picture_is_kept_and_its_markdown_told(newsroom):
    about = {"name": "shoulder", "alt": "A shoulder", "credit": "Edda", "caption": ""}
    response = newsroom.post(PICTURES, {**about, "upload": picture()})
    assert response.json() == {"markdown": "![A shoulder](image:shoulder)"}
    image = Image.objects.get(name="shoulder")
    assert (image.width, image.height) == (40, 30)
    assert image.file.name.endswith(".webp")


def test_a_picture_without_words_is_refused(newsroom):
    about = {"name": "shoulder", "alt": "", "credit": "Edda"}
    response = newsroom.post(PICTURES, {**about, "upload": picture()})
    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["alt"]
    assert not Image.objects.exists()


def test_what_is_no_picture_is_refused(newsroom):
    about = {"name": "shoulder", "alt": "A shoulder", "credit": "Edda"}
    drawing = SimpleUploadedFile("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    response = newsroom.post(PICTURES, {**about, "upload": drawing})
    assert list(response.json()["errors"]) == ["upload"]
    assert not Image.objects.exists()
