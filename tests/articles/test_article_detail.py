import json
import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Review
from tests.make import make_article, make_draft, make_post, make_quotation, revise

pytestmark = pytest.mark.django_db


def read(client, article, **query):
    return client.get(article.get_absolute_url(), query)


def data_of(response):
    script = re.search(
        r'<script type="application/ld\+json">(.*?)</script>', response.content.decode()
    )
    return json.loads(script.group(1))


def test_it_shows_the_live_revision(client, valid_html):
    article = make_article(title="What is fascia?", body="## Where it is\n\nAll over.")
    response = read(client, article)
    valid_html(response)
    page = response.content.decode()
    assert "<h1>What is fascia?</h1>" in page
    assert "All over." in page
    assert "Where it is" in page


def test_a_scheduled_revision_waits_for_its_time(client, time_machine):
    article = make_article(body="The old text.")
    tomorrow = timezone.now() + timedelta(days=1)
    revise(article, body="The new text.", go_live_at=tomorrow)
    assert "The old text." in read(client, article).content.decode()
    time_machine.move_to(tomorrow + timedelta(seconds=1))
    assert "The new text." in read(client, article).content.decode()


def test_a_draft_is_not_found(client):
    draft = make_draft()
    assert read(client, draft.article).status_code == 404


def test_a_withdrawn_article_is_gone_and_says_why(client, edda):
    article = make_article(body="A claim we take back.")
    article.withdraw(edda, "Its main source was retracted.")
    response = read(client, article)
    assert response.status_code == 410
    assert "Its main source was retracted." in response.content.decode()
    assert "A claim we take back." not in response.content.decode()


def test_an_old_address_leads_to_the_new_one(client):
    article = make_article("old-name")
    article.change_slug("new-name")
    response = client.get("/articles/old-name/")
    assert (response.status_code, response["Location"]) == (301, "/articles/new-name/")


@pytest.mark.parametrize(
    "query",
    [
        {"order": "best"},
        {"before": "x"},
        {"after": "-1"},
        {"since": "1e3"},
        {"before": "9" * 40},
    ],
)
def test_an_address_we_never_gave_is_not_found(client, query):
    assert read(client, make_article(), **query).status_code == 404


def test_the_byline_names_a_clinician_only_where_one_is_recorded(client, edda):
    article = make_article()
    assert "Reviewed by" not in read(client, article).content.decode()
    article.record_review(
        Review(
            article=article,
            revision=article.live,
            kind=Review.Kind.CLINICAL,
            on=date(2026, 10, 12),
            reviewer_name="Dr Rosa Example",
            reviewer_role="rheumatologist",
        )
    )
    response = read(client, article)
    assert "Dr Rosa Example" in response.content.decode()
    assert data_of(response)["reviewedBy"]["name"] == "Dr Rosa Example"
    assert data_of(response)["lastReviewed"] == "2026-10-12"


def test_what_search_engines_read_is_what_readers_see(client):
    article = make_article(title="</script><script>alert(1)</script>")
    make_post(article)
    response = read(client, article)
    data = data_of(response)
    assert data["@type"] == "MedicalWebPage"
    assert data["headline"] == "</script><script>alert(1)</script>"
    assert data["commentCount"] == 1
    assert "reviewedBy" not in data
    assert "<script>alert(1)" not in response.content.decode()


def test_a_reader_gets_no_cookie_and_the_same_page_as_everybody(client):
    response = read(client, make_article())
    assert not response.cookies
    assert response["Cache-Control"].startswith("public")
    assert "csrfmiddlewaretoken" not in response.content.decode()


def test_a_reader_who_has_the_page_is_told_so(client):
    article = make_article()
    etag = read(client, article)["ETag"]
    again = client.get(article.get_absolute_url(), headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


def test_a_member_gets_a_page_of_their_own(client, maya):
    client.force_login(maya)
    assert read(client, make_article())["Cache-Control"] == "private, no-store"


def test_it_costs_the_same_with_one_post_and_with_fifty(client):
    article = make_article()
    make_post(article)
    with CaptureQueriesContext(connection) as with_one:
        read(client, article)
    for _ in range(49):
        make_post(article)
    with CaptureQueriesContext(connection) as with_fifty:
        read(client, article)
    assert len(with_fifty) == len(with_one) <= 8


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("dark", [False, True])
def test_it_is_for_everybody(open_page, axe, width, dark):
    article = make_article()
    first = make_post(article)
    make_post(article, parent=first)
    page = open_page(article.get_absolute_url(), width=width, dark=dark, for_axe=True)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.browser
def test_no_word_is_white_on_paper(open_page):
    """Printers leave backgrounds out."""
    body = '!!! urgent "Ask for an appointment today if:"\n\n    - it is hot\n'
    page = open_page(make_article(body=body).get_absolute_url())
    heading = page.locator(".care :is(h2, h3)")
    assert "appointment" in heading.inner_text()
    color = "one => getComputedStyle(one).color"
    assert heading.evaluate(color) == "rgb(255, 255, 255)"
    page.emulate_media(media="print")
    assert heading.evaluate(color) != "rgb(255, 255, 255)"


@pytest.mark.browser
def test_discussed_words_can_be_read_in_forced_colours(open_page):
    """There a browser gives a <mark> colours of its own, the two of them together."""
    article = make_article()
    make_quotation(article, "Fascia is thin tissue.")
    page = open_page(article.get_absolute_url())
    page.emulate_media(forced_colors="active", color_scheme="dark")
    color = "one => getComputedStyle(one).color"
    mark = page.locator("mark.talked")
    assert mark.evaluate(color) == page.locator("h1").evaluate(color)
