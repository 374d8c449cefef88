"""What an editor does to an article or a revision, each on a page of its own."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from articles.models import Article
from tests.make import make_article, make_draft, revise

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
REVIEW = {
    "kind": "clinical",
    "on": TODAY.isoformat(),
    "reviewer_name": "Dr A. Bone",
    "reviewer_role": "Physiotherapist",
    "register_url": "https://register.example/1",
}


@pytest.fixture
def newsroom(client, edda):
    client.force_login(edda)
    return client


def path(name, subject):
    return reverse(f"admin:articles_article_{name}", args=[subject.pk])


@pytest.fixture
def article():
    return make_article("fascia")


@pytest.mark.parametrize("name", ["withdraw", "reinstate", "address", "review"])
def test_each_act_asks_first(newsroom, article, name, valid_html):
    valid_html(newsroom.get(path(name, article)))
    assert Article.objects.published().get() == article


@pytest.mark.parametrize("name", ["submit", "restore", "call_back"])
def test_each_act_on_a_revision_asks_first(newsroom, article, name, valid_html):
    valid_html(newsroom.get(path(name, article.live)))
    assert article.revisions.count() == 1


@pytest.mark.parametrize("name", ["withdraw", "reinstate", "address", "review"])
def test_others_may_not(client, article, maya, name):
    assert client.get(path(name, article)).status_code == 302
    client.force_login(maya)
    assert client.post(path(name, article)).status_code in {302, 403}
    assert Article.objects.published().exists()


def test_an_unknown_article_is_not_there(newsroom):
    address = reverse("admin:articles_article_withdraw", args=[99])
    assert newsroom.get(address).status_code == 404


def test_withdraw(newsroom, article, edda):
    response = newsroom.post(path("withdraw", article), {"reason": "It misled."})
    assert response.url == path("change", article)
    article.refresh_from_db()
    assert (article.withdrawn_by, article.withdrawn_reason) == (edda, "It misled.")
    assert not Article.objects.published().exists()


def test_withdraw_needs_a_reason(newsroom, article):
    assert newsroom.post(path("withdraw", article)).status_code == 200
    assert Article.objects.published().exists()


def test_reinstate(newsroom, article, edda):
    article.withdraw(edda, "It misled.")
    newsroom.post(path("reinstate", article))
    assert Article.objects.published().get() == article


def test_the_old_address_leads_to_the_new_one(newsroom, article, client):
    newsroom.post(path("address", article), {"slug": "what-is-fascia"})
    article.refresh_from_db()
    assert article.slug == "what-is-fascia"
    response = client.get("/articles/fascia/")
    assert (response.status_code, response.url) == (301, "/articles/what-is-fascia/")


def test_an_address_of_another_article_is_refused(newsroom, article):
    make_article("taken")
    response = newsroom.post(path("address", article), {"slug": "taken"})
    assert "An article has or had this address." in response.content.decode()
    article.refresh_from_db()
    assert article.slug == "fascia"


def test_record_a_review(newsroom, article, edda):
    newsroom.post(path("review", article), REVIEW)
    article.refresh_from_db()
    assert article.last_reviewed_on == TODAY
    review = article.clinical_review
    assert (review.reviewer_name, review.recorded_by) == ("Dr A. Bone", edda)
    assert review.revision == article.live
    page = newsroom.get(path("review", article)).content.decode()
    assert "Dr A. Bone, Physiotherapist, of revision 1" in page


def test_a_review_that_has_not_happened_is_refused(newsroom, article):
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    response = newsroom.post(path("review", article), {**REVIEW, "on": tomorrow})
    assert "has not happened" in response.content.decode()
    assert not article.reviews.exists()


def test_a_draft_cannot_be_recorded_as_reviewed(newsroom):
    draft = make_draft("new")
    response = newsroom.post(path("review", draft.article), REVIEW)
    assert "Only what readers can see can be reviewed." in response.content.decode()


def test_submit(newsroom, edda):
    draft = make_draft("new")
    newsroom.post(path("submit", draft))
    draft.refresh_from_db()
    assert draft.submitted_by == edda


def test_restore_makes_a_new_draft_of_the_same_passages(newsroom, article):
    old = article.live
    revise(article, body="Other words altogether.")
    newsroom.post(path("restore", old))
    latest = article.latest
    assert (latest.number, latest.body) == (3, old.body)
    keys = [passage.key for passage in old.passages.all()]
    assert [passage.key for passage in latest.passages.all()] == keys
    assert article.live.number == 2


def test_call_back(newsroom):
    later = timezone.now() + timedelta(hours=1)
    article = make_article("new", go_live_at=later)
    newsroom.post(path("call_back", article.latest))
    assert not article.latest.is_approved


def test_what_is_live_cannot_be_called_back(newsroom, article):
    response = newsroom.post(path("call_back", article.live))
    assert "is approved already" in response.content.decode()
    assert Article.objects.published().exists()
