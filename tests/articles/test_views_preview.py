"""A draft for one person outside: a secret link, a verdict, and what is recorded."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from articles.models import PreviewLink
from articles.models.preview_link import LIFE
from discussion.publishing import publish
from tests.make import make_article

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def article():
    return make_article("fascia", body="It cures pain.")


@pytest.fixture
def link(article, edda):
    draft = article.revise(edda, based_on=article.live, body="It may ease pain.")
    return draft.preview_links.create(
        reviewer_name="Dr A. Bone",
        reviewer_role="Physiotherapist",
        register_url="https://register.example/1",
        created_by=edda,
    )


def say(client, link, **sent):
    return client.post(link.get_absolute_url(), sent, headers=OURS)


def test_the_link_shows_the_draft_as_its_page(client, link, valid_html):
    response = client.get(link.get_absolute_url())
    page = response.content.decode()
    assert "It may ease pain." in page
    assert "A draft for Dr A. Bone, Physiotherapist" in page
    assert "no-store" in response["Cache-Control"]
    assert "noindex" in response["X-Robots-Tag"]
    valid_html(response)


@pytest.mark.parametrize("token", ["1", "1:", "1:forged", "x", "2:forged"])
def test_nothing_else_opens_it(client, link, token):
    assert client.get(f"/preview/{token}/").status_code == 404


def test_the_database_holds_no_secret(link):
    token = link.get_absolute_url().split("/")[2]
    row = PreviewLink.objects.values().get()
    assert token.partition(":")[2] not in str(row)


def test_a_link_that_was_taken_back_opens_nothing(client, link):
    link.revoke()
    assert client.get(link.get_absolute_url()).status_code == 404
    assert say(client, link, approves="on").status_code == 404
    assert not link.revision.reviews.exists()


def test_a_link_grows_too_old(client, link, time_machine):
    time_machine.move_to(timezone.now() + LIFE + timedelta(hours=1))
    assert client.get(link.get_absolute_url()).status_code == 404


def test_approval_is_recorded_under_name_and_role(client, link, edda):
    assert say(client, link, approves="on").status_code == 303
    review = link.revision.reviews.get()
    assert (review.reviewer_name, review.reviewer_role) == (
        "Dr A. Bone",
        "Physiotherapist",
    )
    assert (review.on, review.kind, review.recorded_by) == (TODAY, "clinical", edda)
    assert (
        "You approved this text" in client.get(link.get_absolute_url()).content.decode()
    )


def test_approval_counts_once(client, link):
    say(client, link, approves="on")
    say(client, link, approves="on")
    assert link.revision.reviews.count() == 1


def test_readers_see_the_approval_when_they_see_the_text(client, link, article, edda):
    say(client, link, approves="on")
    assert "Dr A. Bone" not in client.get("/articles/fascia/").content.decode()
    article.refresh_from_db()
    assert article.last_reviewed_on is None
    publish(link.revision, edda)
    page = client.get("/articles/fascia/").content.decode()
    assert "Dr A. Bone, Physiotherapist" in page
    article.refresh_from_db()
    assert (article.last_reviewed_on, article.clinical_review) == (
        TODAY,
        link.revision.reviews.get(),
    )


def test_approval_of_another_text_is_none_of_this_one(client, link, article, edda):
    say(client, link, approves="on")
    other = article.revise(edda, based_on=article.latest, body="It does nothing.")
    publish(other, edda)
    assert "Dr A. Bone" not in client.get("/articles/fascia/").content.decode()


def test_remarks_reach_the_editors_alone(client, link, article):
    say(client, link, note="Name the trial.")
    note = article.notes.get()
    assert (note.text, note.writer) == ("Name the trial.", "Dr A. Bone")
    assert not link.revision.reviews.exists()
    assert "Name the trial." not in client.get("/articles/fascia/").content.decode()


def test_an_empty_verdict_is_none(client, link, article):
    assert "Tick the box" in say(client, link).content.decode()
    assert not article.notes.exists()


def test_an_editor_makes_a_link_and_takes_it_back(client, article, edda):
    draft = article.revise(edda, based_on=article.live, body="It may ease pain.")
    client.force_login(edda)
    about = {"reviewer_name": "Dr A. Bone", "reviewer_role": "Physiotherapist"}
    path = reverse("admin:articles_article_link", args=[draft.pk])
    client.post(path, {**about, "register_url": "", "kind": "clinical"})
    link = draft.preview_links.get()
    change = reverse("admin:articles_article_change", args=[article.pk])
    assert link.get_absolute_url() in client.get(change).content.decode()
    client.post(reverse("admin:articles_article_revoke", args=[link.pk]))
    assert client.get(link.get_absolute_url()).status_code == 404


def test_notes_stand_beside_the_text_until_they_are_done(client, article, edda):
    client.force_login(edda)
    add = reverse("admin:articles_article_note", args=[article.latest.pk])
    client.post(add, {"text": "Is the 2018 review in?"})
    change = reverse("admin:articles_article_change", args=[article.pk])
    assert "Is the 2018 review in?" in client.get(change).content.decode()
    note = article.notes.get()
    client.post(reverse("admin:articles_article_note_done", args=[note.pk]))
    note.refresh_from_db()
    assert note.done_by == edda
    assert "Is the 2018 review in?" not in client.get(change).content.decode()


@pytest.mark.parametrize("name", ["note", "link"])
def test_others_may_not(client, article, maya, name):
    path = reverse(f"admin:articles_article_{name}", args=[article.latest.pk])
    client.force_login(maya)
    assert client.get(path).status_code in {302, 403}
