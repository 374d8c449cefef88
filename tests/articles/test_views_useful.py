from datetime import timedelta

import pytest
from django.utils import timezone

from articles.models import Answer
from articles.models.answer import MAX_NOTE
from mfr_site.retention import RULES
from tests.make import make_article, make_draft, revise

pytestmark = pytest.mark.django_db

OURS = {"Sec-Fetch-Site": "same-origin"}
URL = "/articles/fascia/useful/"


@pytest.fixture
def article():
    return make_article("fascia")


def say(client, answer="yes", revision=1, url=URL, **extra):
    sent = {"answer": answer, "revision": revision}
    return client.post(url, sent, headers=OURS, **extra)


def test_the_article_asks(client, article, valid_html):
    response = client.get("/articles/fascia/")
    page = response.content.decode()
    assert "Did this page answer your question?" in page
    assert '<input type="hidden" name="revision" value="1">' in page
    assert not response.cookies
    valid_html(response)


@pytest.mark.parametrize("helped", ["yes", "partly", "no"])
def test_an_answer_is_kept_with_its_text(client, article, helped):
    response = say(client, helped)
    answer = Answer.objects.get()
    assert (answer.helped, answer.revision) == (helped, article.live)
    assert response.status_code == 303
    assert response.url == f"{URL}{answer.token}/"


def test_an_answer_is_to_the_text_that_was_read(client, article):
    first = article.live
    revise(article, body="Other words.")
    say(client, revision=1)
    assert Answer.objects.get().revision == first


def test_words_may_be_added(client, article, valid_html):
    page = client.get(say(client, "no").url, headers=OURS)
    valid_html(page)
    assert not page.cookies
    sent = {"note": "What about\x07 children?"}
    response = client.post(page.request["PATH_INFO"], sent, headers=OURS)
    assert response.url == f"{URL}thanks/"
    assert Answer.objects.get().note == "What about children?"
    assert client.get(response.url).status_code == 200


def test_too_many_words_come_back(client, article):
    path = say(client).url
    page = client.post(path, {"note": "x" * (MAX_NOTE + 1)}, headers=OURS)
    assert "x" * (MAX_NOTE + 1) in page.content.decode()
    assert Answer.objects.get().note == ""


def test_nobody_counts_twice_a_day(client, article):
    say(client)
    assert say(client, "no").url == f"{URL}thanks/"
    assert [answer.helped for answer in Answer.objects.all()] == ["yes"]


def test_another_network_counts(client, article):
    say(client)
    say(client, REMOTE_ADDR="203.0.113.9")
    assert Answer.objects.count() == 2


def test_another_article_counts(client, article):
    make_article("rollers")
    say(client)
    say(client, url="/articles/rollers/useful/")
    assert Answer.objects.count() == 2


def test_who_answered_is_nowhere(client, article):
    say(client, REMOTE_ADDR="203.0.113.9")
    row = Answer.objects.values().get()
    assert set(row) == {"id", "revision_id", "helped", "note", "on"}
    assert "203.0.113" not in str(row)


@pytest.mark.parametrize(
    "sent", [{}, {"answer": "maybe", "revision": 1}, {"answer": "yes", "revision": 9}]
)
def test_what_is_none_of_our_buttons_is_not_found(client, article, sent):
    assert client.post(URL, sent, headers=OURS).status_code == 404
    assert not Answer.objects.exists()


def test_a_draft_cannot_be_judged(client, article):
    article.revise(None, based_on=article.live, body="Secret.")
    assert say(client, revision=2).status_code == 404


@pytest.mark.parametrize("token", ["1", "1:forged", "x"])
def test_words_need_the_link(client, article, token):
    say(client)
    sent = {"note": "Not mine."}
    assert client.post(f"{URL}{token}/", sent, headers=OURS).status_code == 404
    assert Answer.objects.get().note == ""


def test_words_belong_to_their_article(client, article):
    make_article("rollers")
    token = say(client).url.removeprefix(URL)
    assert client.get(f"/articles/rollers/useful/{token}").status_code == 404


def test_other_sites_cannot_answer(article):
    from django.test import Client

    stranger = Client(enforce_csrf_checks=True)
    sent = {"answer": "yes", "revision": 1}
    response = stranger.post(URL, sent, headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    assert not Answer.objects.exists()


@pytest.mark.parametrize("path", [URL, "/articles/new/useful/"])
def test_only_a_form_may_answer(client, article, path):
    make_draft("new")
    assert client.get(path).status_code in {404, 405}


def test_editors_see_the_answers_of_each_text(client, article, edda, valid_html):
    article.live.answers.create(helped="no", note="What about children?")
    second = revise(article, body="Other words.")
    second.answers.create(helped="yes")
    client.force_login(edda)
    response = client.get(f"/admin/articles/article/{article.pk}/answers/")
    page = response.content.decode()
    assert "What about children?" in page
    assert page.index('scope="row">2<') < page.index('scope="row">1<')
    valid_html(response)


def test_words_are_kept_for_a_year(article, time_machine):
    article.live.answers.create(helped="no", note="What about children?")
    [rule] = [rule for rule in RULES if "about a page" in rule.what]
    assert rule.apply() == 0
    time_machine.move_to(timezone.now() + timedelta(days=366))
    assert rule.apply() == 1
    answer = Answer.objects.get()
    assert (answer.helped, answer.note) == ("no", "")
