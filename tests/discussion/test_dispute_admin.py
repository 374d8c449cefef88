"""A dispute as editors decide it."""

import pytest
from django.urls import reverse

from discussion.models import Dispute
from tests.make import make_article, make_quotation, revise

pytestmark = pytest.mark.django_db

LIST = "/admin/discussion/dispute/"


@pytest.fixture
def newsroom(client, edda):
    client.force_login(edda)
    return client


@pytest.fixture
def dispute():
    article = make_article("fascia", body="It cures pain in the back.\n\nSlowly.")
    post = make_quotation(article, "It cures", "Which trial says so?", disputes=True)
    return post.dispute


def address(dispute):
    return reverse("admin:discussion_dispute_change", args=[dispute.pk])


def test_the_page_tells_all_that_is_needed(newsroom, dispute, valid_html):
    response = newsroom.get(address(dispute))
    page = response.content.decode()
    assert "<mark>It cures</mark>" in page
    assert "Which trial says so?" in page
    assert "due on" in page
    assert f"/admin/articles/article/{dispute.post.article_id}/change/" in page
    valid_html(response)


def test_it_shows_what_the_passage_says_now(newsroom, dispute):
    revise(dispute.post.article, body="It may cure pain in the back.\n\nSlowly.")
    page = newsroom.get(address(dispute)).content.decode()
    assert "What the passage says now" in page
    assert "<ins>" in page


def test_it_says_when_the_passage_is_gone(newsroom, dispute):
    revise(dispute.post.article, body="Slowly.")
    page = newsroom.get(address(dispute)).content.decode()
    assert "no longer in the article" in page


@pytest.mark.parametrize(
    ("decision", "answer"),
    [
        ("acknowledged", ""),
        ("answered", "Two trials say so."),
        ("evidence-wanted", "Which trial do you mean?"),
    ],
)
def test_a_decision(newsroom, edda, dispute, decision, answer):
    sent = {"decision": decision, "answer": answer}
    assert newsroom.post(address(dispute), sent).url == "/admin/"
    decided = Dispute.objects.get()
    assert (decided.state, decided.answer) == (decision, answer)
    assert decided.answered_by == (edda if answer else None)


@pytest.mark.parametrize("decision", ["answered", "evidence-wanted", "corrected", ""])
def test_a_decision_without_its_reason_is_none(newsroom, dispute, decision):
    response = newsroom.post(address(dispute), {"decision": decision, "answer": ""})
    assert response.status_code == 200
    assert Dispute.objects.get().state == "open"


def test_the_list_shows_what_waits(newsroom, dispute, edda, valid_html):
    response = newsroom.get(LIST + "?decision=waiting")
    assert "It cures" in response.content.decode()
    valid_html(response)
    dispute.answer_with("It stays.", edda)
    assert "It cures" not in newsroom.get(LIST + "?decision=waiting").content.decode()
    assert "It cures" in newsroom.get(LIST).content.decode()


def test_the_desk_leads_to_it(newsroom, dispute):
    assert address(dispute) in newsroom.get("/admin/").content.decode()


def test_others_may_not(client, dispute, maya):
    sent = {"decision": "answered", "answer": "No."}
    assert client.post(address(dispute), sent).status_code == 302
    client.force_login(maya)
    assert client.post(address(dispute), sent).status_code in {302, 403}
    assert Dispute.objects.get().state == "open"


def test_a_dispute_is_neither_made_nor_deleted_here(newsroom, dispute):
    assert newsroom.get(LIST + "add/").status_code == 403
    delete = reverse("admin:discussion_dispute_delete", args=[dispute.pk])
    assert newsroom.post(delete, {"post": "yes"}).status_code == 403
