"""Telling the moderators about a post: by anybody, with a reason."""

import pytest

from discussion.models import Report
from tests.discussion.sending import OURS, elsewhere, text, textarea
from tests.make import make_article, make_post

pytestmark = pytest.mark.django_db
ADDRESS = "/articles/fascia/posts/1/report/"


@pytest.fixture
def post(db):
    return make_post(make_article("fascia"), "Press until it **hurts**.")


def report(client, reason="dangerous", note="", **fields):
    form = {"reason": reason, "note": note} | fields
    return client.post(ADDRESS, form, headers=OURS)


def test_anybody_may_report(client, post, valid_html):
    page = client.get(ADDRESS, headers={"Sec-Fetch-Site": "same-origin"})
    valid_html(page)
    assert "Press until it hurts." in text(page)
    assert not page.cookies
    answer = report(client, note="He may harm himself.")
    assert answer.status_code == 303
    assert answer.url == "/articles/fascia/posts/1/reported/"
    valid_html(client.get(answer.url))
    saved = Report.objects.get()
    assert (saved.post, saved.reason, saved.user) == (post, "dangerous", None)
    assert saved.note == "He may harm himself."
    post.refresh_from_db()
    assert post.is_published


def test_a_member_counts_once(client, post, maya):
    client.force_login(maya)
    report(client)
    report(client, reason="abuse")
    saved = Report.objects.get()
    assert (saved.user, saved.reason) == (maya, "abuse")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"reason": ""}, "Please choose a reason."),
        ({"reason": "boring"}, "Select a valid choice"),
        ({"note": "x" * 1001}, "and 1,000 fit"),
        ({"website": "https://spam.example"}, "trap for robots"),
    ],
)
def test_what_is_wrong_comes_back_whole(client, post, fields, sentence):
    answer = report(client, **{"note": "A note."} | fields)
    assert answer.status_code == 400
    assert sentence in text(answer)
    assert textarea(answer) == fields.get("note", "A note.")
    assert not Report.objects.exists()


def test_over_the_limit(client, post):
    answers = [report(client).status_code for _ in range(11)]
    assert answers == [303] * 10 + [429]
    answer = report(client, note="A note.")
    assert textarea(answer) == "A note."
    assert int(answer["Retry-After"]) > 0


def test_nobody_outside_sees_that_it_was_reported(client, post):
    before = text(elsewhere().get("/articles/fascia/posts/1/"))
    report(client)
    assert text(elsewhere().get("/articles/fascia/posts/1/")) == before


@pytest.mark.parametrize("fate", ["hide", "remove"])
def test_a_tombstone_is_not_reported(client, post, edda, fate):
    if fate == "hide":
        post.hide("reports")
    else:
        post.remove(edda, "spam")
    assert client.get(ADDRESS).status_code == 404
    assert report(client).status_code == 404


def test_a_number_that_is_not_there(client, post):
    assert client.get("/articles/fascia/posts/2/report/").status_code == 404


def test_a_withdrawn_article(client, post, edda):
    post.article.withdraw(edda, "It was wrong.")
    assert report(client).status_code == 404


def test_other_methods_are_refused(client, post):
    assert client.put(ADDRESS).status_code == 405
    assert client.post("/articles/fascia/posts/1/reported/").status_code == 405


def test_it_is_never_kept_by_anybody(client, post):
    assert client.get(ADDRESS)["Cache-Control"] == "private, no-store"
    assert 'content="noindex"' in text(client.get(ADDRESS))
