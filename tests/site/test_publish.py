from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from articles.models import Article
from tests.make import make_article, make_draft, make_quotation
from tests.people import make_editor

pytestmark = pytest.mark.django_db

NOW = {"when": "now", "at": "", "looked": "on"}


@pytest.fixture
def newsroom(client, edda):
    client.force_login(edda)
    return client


@pytest.fixture
def ella():
    """Another editor: from now on, what is new needs a second person."""
    return make_editor("ella")


def address(revision):
    return reverse("admin:publish", args=[revision.pk])


def test_the_page_shows_what_changes_for_readers(newsroom, valid_html):
    article = make_article("fascia", body="It cures pain.")
    draft = article.revise(None, based_on=article.live, body="It may ease pain.")
    response = newsroom.get(address(draft))
    page = response.content.decode()
    assert "<del>" in page and "cures" in page
    assert "The text cites no source." in page
    assert article.live.number == 1
    valid_html(response)


def test_publish_now(newsroom, edda):
    draft = make_draft("fascia", author=edda)
    response = newsroom.post(address(draft), NOW)
    article = Article.objects.published().get()
    assert response.url == reverse("admin:articles_article_change", args=[article.pk])
    assert (article.live, article.live.approved_by) == (draft, edda)


def test_publish_at_a_time(newsroom, time_machine, settings):
    settings.TASKS = {
        "default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}
    }
    draft = make_draft("fascia")
    later = timezone.now() + timedelta(days=2)
    newsroom.post(
        address(draft), {**NOW, "when": "at", "at": later.strftime("%Y-%m-%dT%H:%M")}
    )
    assert not Article.objects.published().exists()
    time_machine.move_to(later + timedelta(minutes=1))
    assert Article.objects.published().exists()


@pytest.mark.parametrize("at", ["", "2020-01-01T10:00", "soon"])
def test_a_time_must_be_one_to_come(newsroom, at):
    draft = make_draft("fascia")
    newsroom.post(address(draft), {**NOW, "when": "at", "at": at})
    draft.refresh_from_db()
    assert not draft.is_approved


def test_a_fault_must_be_looked_at(newsroom):
    draft = make_draft("fascia", body="See [this](/articles/nowhere/).")
    newsroom.post(address(draft), {"when": "now"})
    assert not Article.objects.published().exists()
    newsroom.post(address(draft), NOW)
    assert Article.objects.published().exists()


def test_a_second_editor_publishes_what_is_new(newsroom, client, edda, ella):
    draft = make_draft("fascia", author=edda)
    page = newsroom.post(address(draft), NOW).content.decode()
    assert "another editor publishes it" in page
    assert not Article.objects.published().exists()
    client.force_login(ella)
    client.post(address(draft), NOW)
    assert Article.objects.published().get().live.approved_by == ella


def test_a_typing_mistake_needs_no_second_editor(newsroom, edda, ella):
    article = make_article("fascia", author=edda, by=ella)
    draft = article.revise(
        edda, based_on=article.live, body="Mended.", significance="typo"
    )
    newsroom.post(address(draft), NOW)
    assert Article.objects.get().live == draft


def test_a_typing_mistake_carries_nothing_new_past_the_second_editor(
    newsroom, edda, ella
):
    article = make_article("fascia", author=edda, by=ella)
    news = article.revise(edda, based_on=article.live, body="News.")
    mended = article.revise(ella, based_on=news, body="News!", significance="typo")
    newsroom.post(address(mended), NOW)
    assert Article.objects.get().live.number == 1


@pytest.mark.parametrize(("setting", "goes_live"), [(True, False), (False, True)])
def test_the_setting_decides_for_any_newsroom(
    newsroom, edda, settings, setting, goes_live
):
    settings.NEWSROOM_SECOND_PERSON = setting
    newsroom.post(address(make_draft("fascia", author=edda)), NOW)
    assert Article.objects.published().exists() is goes_live


def test_what_is_live_is_not_published_again(newsroom):
    article = make_article("fascia")
    went_live = article.live.go_live_at
    page = newsroom.post(address(article.live), NOW)
    assert "There is nothing left to do." in page.content.decode()
    assert Article.objects.get().live.go_live_at == went_live


def test_others_may_not(client, maya):
    draft = make_draft("fascia")
    assert client.post(address(draft), NOW).status_code == 302
    client.force_login(maya)
    assert client.post(address(draft), NOW).status_code in {302, 403}
    assert not Article.objects.published().exists()


def test_an_unknown_revision_is_not_there(newsroom):
    assert newsroom.get(reverse("admin:publish", args=[99])).status_code == 404


@pytest.fixture
def disputed():
    """An article with a disputed passage, a draft that changes it, and the dispute."""
    article = make_article("fascia", body="It cures pain.\n\nSlowly.")
    post = make_quotation(article, "It cures", "Which trial says so?", disputes=True)
    draft = article.revise(None, based_on=article.live, body="It may help.\n\nSlowly.")
    return draft, post.dispute


def test_the_page_asks_about_the_dispute(newsroom, disputed, valid_html):
    draft, _ = disputed
    response = newsroom.get(address(draft))
    page = response.content.decode()
    assert "your text touches its passage" in page
    assert "Which trial says so?" in page
    valid_html(response)


def test_nothing_is_published_before_every_dispute_is_decided(newsroom, disputed):
    draft, _ = disputed
    page = newsroom.post(address(draft), NOW).content.decode()
    assert "Say what this text means to the dispute." in page
    assert Article.objects.get().live.number == 1


def test_corrected_needs_words_for_readers(newsroom, disputed):
    draft, dispute = disputed
    sent = {**NOW, f"dispute-{dispute.pk}": "corrected", "correction": ""}
    assert (
        "Tell readers what was wrong."
        in newsroom.post(address(draft), sent).content.decode()
    )
    assert Article.objects.get().live.number == 1


def test_corrected(newsroom, disputed, edda):
    draft, dispute = disputed
    told = "We said that it cures. It may help."
    sent = {**NOW, f"dispute-{dispute.pk}": "corrected", "correction": told}
    newsroom.post(address(draft), sent)
    dispute.refresh_from_db()
    assert (dispute.state, dispute.correction.text) == ("corrected", told)
    assert Article.objects.get().live == draft


@pytest.mark.parametrize(
    ("what", "state"), [("reworded", "reworded"), ("still-open", "open")]
)
def test_not_corrected(newsroom, disputed, what, state):
    draft, dispute = disputed
    newsroom.post(address(draft), {**NOW, f"dispute-{dispute.pk}": what})
    dispute.refresh_from_db()
    assert dispute.state == state
    assert Article.objects.get().live == draft


def test_a_revision_marked_as_correction_tells_readers(newsroom):
    article = make_article("fascia", body="It cures pain.")
    draft = article.revise(
        None, based_on=article.live, body="It may help.", significance="correction"
    )
    assert newsroom.post(address(draft), NOW).status_code == 200
    newsroom.post(address(draft), {**NOW, "correction": "It may help, not cure."})
    assert article.corrections.get().after == draft


def test_a_schedule_that_would_replace_the_text_is_told(newsroom, edda):
    article = make_article("fascia", body="It cures pain.")
    coming = article.revise(None, based_on=article.live, body="It may ease pain.")
    coming.approve(edda, timezone.now() + timedelta(days=1))
    draft = article.revise(None, based_on=article.latest, body="It eases some pain.")
    page = newsroom.get(address(draft)).content.decode()
    assert "Revision 2 goes live on" in page
    assert reverse("admin:articles_article_call_back", args=[coming.pk]) in page
