"""The newsroom and its public pages in a browser: for everybody, with and without script."""

import io

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from PIL import Image as Pixels

from articles.models import Image, Source, Topic
from tests.make import make_article, make_quotation, revise

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BODY = "It cures pain in the back. Nobody knows why.\n\nSlow pressure is used.\n\nGone."
SCREENS = [(360, True), (1280, False)]


@pytest.fixture
def article(edda):
    """Changed once, with a disputed passage, one that went, and a draft with a note."""
    article = make_article("fascia", title="What is fascia?", body=BODY)
    make_quotation(article, "Gone.", disputes=True)
    revise(article, body=BODY.removesuffix("\n\nGone."), summary="Shorter.")
    make_quotation(article, "It cures pain", disputes=True)
    make_quotation(article, "Slow pressure")
    draft = article.revise(
        edda, based_on=article.latest, body="See [this](/nowhere/).", summary="Worse."
    )
    article.notes.create(revision=draft, author=edda, text="Is this right?")
    draft.preview_links.create(reviewer_name="Dr A. Bone", reviewer_role="Doctor")
    return article


def log_in(page, user):
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": client.cookies[name].value, "url": page.url}
    page.context.add_cookies([cookie])


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(("width", "dark"), SCREENS)
def test_what_readers_see_is_for_everybody(open_page, axe, article, width, dark):
    page = open_page("/healthz", width=width, dark=dark, for_axe=True)
    first = article.revisions.get(number=1)
    draft = article.latest
    paths = [
        "",
        "?order=passages",
        "?order=disputes",
        "history/",
        "history/1/",
        "history/1/2/",
        f"passages/{article.live.passages.first().key}/",
        f"passages/{first.passages.get(text='Gone.').key}/",
        "useful/thanks/",
        f"../..{draft.preview_links.get().get_absolute_url()}",
    ]
    for path in paths:
        page.goto(f"/articles/fascia/{path}")
        axe(page)
        assert fits(page), path


@pytest.mark.parametrize(("width", "dark"), SCREENS)
def test_the_newsroom_is_for_everybody(open_page, axe, article, edda, width, dark):
    page = open_page("/healthz", width=width, dark=dark, for_axe=True)
    log_in(page, edda)
    Topic.objects.create(slug="basics", title="Basics", description="First.")
    dispute = article.posts.disputing()[0].dispute
    for path in (
        "/admin/",
        "/admin/articles/article/",
        "/admin/articles/topic/",
        reverse("admin:articles_article_change", args=[article.pk]),
        reverse("admin:articles_article_history", args=[article.pk]),
        reverse("admin:articles_article_review", args=[article.pk]),
        reverse("admin:publish", args=[article.latest.pk]),
        reverse("admin:discussion_dispute_change", args=[dispute.pk]),
        "/admin/articles/image/add/",
    ):
        page.goto(path)
        axe(page)
        assert fits(page), path


@pytest.mark.parametrize(
    ("width", "is_beside"), [(1600, True), (1280, True), (800, False)]
)
def test_the_real_page_stands_beside_the_text(
    open_page, article, edda, width, is_beside
):
    """Or right below it, where it is seen too."""
    page = open_page("/healthz", width=width)
    log_in(page, edda)
    page.goto(reverse("admin:articles_article_change", args=[article.pk]))
    page.get_by_role("button", name="Preview beside").click()
    pane = page.frame_locator("iframe.preview")
    pane.get_by_role("heading", name="What is fascia?").wait_for()
    text = page.locator("#id_body").bounding_box()
    shown = page.locator("iframe.preview").bounding_box()
    assert (shown["x"] >= text["x"] + text["width"]) == is_beside
    assert shown["y"] < text["y"] + text["height"] + 150
    page.get_by_label("Title").fill("What fascia is")
    pane.get_by_role("heading", name="What fascia is").wait_for()
    assert article.latest.title == "What is fascia?"


def test_a_source_is_cited_where_the_cursor_is(open_page, article, edda):
    Source.objects.create(key="smith-2020", title="A trial", kind="trial")
    page = open_page("/healthz")
    log_in(page, edda)
    page.goto(reverse("admin:articles_article_change", args=[article.pk]))
    body = page.get_by_label("Body")
    body.fill("It helps.")
    body.press("End")
    page.get_by_label("Cite a source").fill("smith-2020")
    page.get_by_role("button", name="Insert").click()
    assert body.input_value() == "It helps.[^smith-2020]"


def test_a_dropped_picture_needs_words_and_is_put_in(open_page, article, edda):
    page = open_page("/healthz")
    log_in(page, edda)
    page.goto(reverse("admin:articles_article_change", args=[article.pk]))
    page.get_by_label("Body").fill("")
    file = {"name": "My Knee.png", "mimeType": "image/png", "buffer": pixels()}
    page.locator("#pick-picture").set_input_files([file])
    page.get_by_label("Who made it?").fill("Edda")
    page.get_by_role("button", name="Add", exact=True).click()
    assert not Image.objects.exists()  # the browser asks for the words first
    page.get_by_label("What does it show?").fill("A knee")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("dialog").wait_for(state="detached")
    assert "![A knee](image:my-knee)" in page.get_by_label("Body").input_value()


def test_without_script_the_preview_opens_beside(open_page, article, edda):
    page = open_page("/healthz", javascript=False)
    log_in(page, edda)
    page.goto(reverse("admin:articles_article_change", args=[article.pk]))
    page.get_by_label("Title").fill("What fascia is")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Preview in a new tab").click()
    opened.value.get_by_role("heading", name="What fascia is", level=1).wait_for()
    assert article.latest.title == "What is fascia?"


def pixels():
    file = io.BytesIO()
    Pixels.new("RGB", (40, 30), "teal").save(file, "PNG")
    return file.getvalue()
