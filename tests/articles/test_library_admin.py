"""Pictures, sources, topics and standing pages, as editors keep them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from articles.models import Image, Source, StandingPage
from tests.articles.test_preview import picture
from tests.make import make_article, revise

pytestmark = pytest.mark.django_db

SOURCE = {"title": "A trial of pressure", "kind": "trial", "year": "2020"}


@pytest.fixture
def newsroom(client, edda):
    client.force_login(edda)
    return client


def test_a_picture_is_made_anew_and_offered_as_markdown(newsroom):
    about = {"name": "knee", "alt": "A knee", "credit": "Edda", "caption": "Mine."}
    newsroom.post("/admin/articles/image/add/", {**about, "upload": picture("JPEG")})
    image = Image.objects.get()
    assert image.file.name.endswith(".webp")
    page = newsroom.get(f"/admin/articles/image/{image.pk}/change/").content.decode()
    assert "![A knee](image:knee &quot;Mine.&quot;)" in page


def test_a_picture_needs_words_for_those_who_cannot_see_it(newsroom):
    about = {"name": "knee", "credit": "Edda", "upload": picture()}
    newsroom.post("/admin/articles/image/add/", about)
    assert not Image.objects.exists()


def test_what_else_is_wrong_is_said_and_that_the_file_is_chosen_again(newsroom):
    """A browser forgets the file of a form that comes back, and says nothing of it."""
    about = {"name": "knee", "alt": "A knee", "credit": "Edda"}
    newsroom.post("/admin/articles/image/add/", {**about, "upload": picture()})
    for change in {"alt": ""}, {"name": "knee"}:
        sent = {**about, "name": "shin", **change, "upload": picture("JPEG")}
        page = newsroom.post("/admin/articles/image/add/", sent).content.decode()
        assert "Please choose the picture again" in page
    assert Image.objects.get().file.storage.listdir("images")[1] == [
        Image.objects.get().file.name.removeprefix("images/")
    ]


def test_it_is_called_a_picture_on_every_page(newsroom):
    make_article("knees")
    for path in ("", "add/"):
        page = newsroom.get(f"/admin/articles/image/{path}").content.decode()
        assert "picture" in page
        assert "Add image" not in page


def test_a_script_in_disguise_is_refused(newsroom):
    file = SimpleUploadedFile("knee.png", b"<html><script>alert(1)</script>")
    about = {"name": "knee", "alt": "A knee", "credit": "Edda", "upload": file}
    response = newsroom.post("/admin/articles/image/add/", about)
    assert "not a JPEG, PNG or WebP" in response.content.decode()
    assert not Image.objects.exists()


def test_new_words_for_a_picture_reach_the_texts_that_show_it(newsroom):
    about = {"name": "knee", "alt": "A knee", "credit": "Edda", "caption": ""}
    newsroom.post("/admin/articles/image/add/", {**about, "upload": picture()})
    article = make_article("knees", body="![](image:knee)")
    image = Image.objects.get()
    change = {"alt": "A bent knee", "credit": "Edda", "caption": ""}
    newsroom.post(f"/admin/articles/image/{image.pk}/change/", change)
    article.live.refresh_from_db()
    assert 'alt="A bent knee"' in article.live.html


def test_a_corrected_source_reaches_the_texts_that_cite_it(newsroom):
    source = Source.objects.create(key="smith-2020", **SOURCE)
    article = make_article("fascia", body="It helps.[^smith-2020]")
    change = {**SOURCE, "title": "A trial of slow pressure"}
    newsroom.post(f"/admin/articles/source/{source.pk}/change/", change)
    article.live.refresh_from_db()
    assert "A trial of slow pressure" in article.live.html


def test_a_dead_source_brings_the_review_forward(newsroom):
    source = Source.objects.create(
        key="smith-2020", url="https://example.org/", **SOURCE
    )
    article = make_article("fascia", body="It helps.[^smith-2020]")
    action = {"action": "mark_dead", "_selected_action": [source.pk]}
    newsroom.post("/admin/articles/source/", action)
    article.refresh_from_db()
    assert article.review_reason == "The source “smith-2020” is gone."
    assert article.next_review_on is not None
    assert "https://example.org/" not in article.live.html


def test_past_revisions_stay_as_readers_saw_them(newsroom):
    source = Source.objects.create(key="smith-2020", **SOURCE)
    article = make_article("fascia", body="It helps.[^smith-2020]")
    old = article.live
    revise(article, body="It may help.[^smith-2020]")
    newsroom.post(
        f"/admin/articles/source/{source.pk}/change/", {**SOURCE, "title": "Renamed"}
    )
    old.refresh_from_db()
    assert "Renamed" not in old.html


def test_a_standing_page_is_written_in_markdown(newsroom, client):
    page = {
        "url": "/funding/",
        "title": "Funding",
        "description": "Who pays.",
        "source": "We take *no* money. <script>alert(1)</script>",
    }
    newsroom.post("/admin/articles/standingpage/add/", page)
    content = StandingPage.objects.get().content
    assert "<em>no</em>" in content
    assert "<script>" not in content
    page = client.get("/funding/").content.decode()
    assert '<meta name="description" content="Who pays.">' in page


@pytest.mark.parametrize("name", ["image", "source", "topic", "standingpage"])
def test_the_pages_are_html(newsroom, name, valid_html):
    for path in (f"/admin/articles/{name}/", f"/admin/articles/{name}/add/"):
        valid_html(newsroom.get(path))


@pytest.mark.parametrize("name", ["flatpages/flatpage", "sites/site"])
def test_there_is_no_way_round_the_renderer(admin_client, name):
    assert admin_client.get(f"/admin/{name}/").status_code == 404
