"""The public log: which rule decided what about which post; never a text or a name."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from discussion.models import Decision
from discussion.models.moderation import RULE_TITLES
from discussion.moderation import doubting
from discussion.views import reading
from tests.discussion.sending import send, text
from tests.make import make_article, make_author, make_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def article(db):
    return make_article("fascia")


def test_a_decision_without_text_and_names(client, article, edda, maya, valid_html):
    post = make_post(article, "Buy this.", author=make_author(article, maya))
    post.remove(edda, "spam", "He sells oil.")
    page = client.get("/moderation/")
    valid_html(page)
    assert "Removed" in text(page)
    assert 'href="/articles/fascia/posts/1/">Post 1</a>' in text(page)
    for secret in ("Buy this", "oil", "Edda", "edda", "Maya", "maya"):
        assert secret not in text(page)
    assert page["Cache-Control"].startswith("public")
    assert not page.cookies


def test_a_held_post_is_not_told_of_before_it_has_a_number(client, article, edda):
    links = " ".join(f"https://{number}.example" for number in range(4))
    send(client, article, links)
    post = article.posts.get()
    assert Decision.objects.count() == 1
    assert "No decision has been needed yet" in text(client.get("/moderation/"))
    post.publish(edda)
    page = text(client.get("/moderation/"))
    assert page.count("Post 1</a>") == 2


def test_a_withdrawn_article_is_not_told_of(client, article, edda):
    make_post(article).remove(edda, "spam")
    article.withdraw(edda, "It was wrong.")
    assert "Post 1" not in text(client.get("/moderation/"))


def test_pages_by_links(client, article, monkeypatch):
    monkeypatch.setattr(reading, "LOG_LENGTH", 2)
    for _ in range(3):
        make_post(article).hide("reports")
    page = client.get("/moderation/")
    assert [d.post.number for d in page.context["decisions"]] == [3, 2]
    page = client.get("/moderation/", {"before": page.context["older"]})
    assert [d.post.number for d in page.context["decisions"]] == [1]
    assert page.context["older"] is None


def test_the_newest_stands_first_whenever_it_was_written_down(client, article):
    """What is loaded or brought from elsewhere has dates of its own."""
    days = [3, 1, 2, 2]
    for number, ago in enumerate(days, start=1):
        make_post(article).hide("reports")
        at = timezone.now() - timedelta(days=ago)
        Decision.objects.filter(post__number=number).update(created_at=at)
    tied = Decision.objects.get(post__number=3).created_at
    Decision.objects.filter(post__number=4).update(created_at=tied)

    page = client.get("/moderation/")
    assert [d.post.number for d in page.context["decisions"]] == [2, 4, 3, 1]
    fourth = Decision.objects.get(post__number=4)
    page = client.get("/moderation/", {"before": fourth.pk})
    assert [d.post.number for d in page.context["decisions"]] == [3, 1]


def test_a_rule_is_told_in_words_and_leads_to_what_it_says(client, article, edda):
    make_post(article).remove(edda, "dangerous")
    page = text(client.get("/moderation/"))
    link = '<a href="/community-rules/#s-rule-dangerous">Dangerous advice</a>'
    assert f"Rule: {link}" in page


def test_each_rule_of_the_log_stands_in_the_community_rules(client, db):
    call_command("load_content", "--no-samples", stdout=StringIO())
    rules = client.get("/community-rules/").content.decode()
    # Nobody decides that an author deletes; the last one is all of the rules.
    for name in RULE_TITLES.keys() - {"own-wish", "other"}:
        assert f'id="{Decision(rule=name).rule_address.partition("#")[2]}"' in rules
    for rule in doubting():
        assert f'id="s-rule-{rule.name}">{rule.title}</td>' in rules


def test_a_rule_of_another_site_keeps_its_name(client, article):
    make_post(article).hide("house-17")
    assert '#s-rule-house-17">house-17</a>' in text(client.get("/moderation/"))


def test_it_costs_three_queries_however_many(client, django_assert_num_queries):
    for _ in range(5):
        make_post(make_article()).hide("reports")
        with django_assert_num_queries(3):
            client.get("/moderation/")


def test_it_is_only_read(client, db):
    assert client.post("/moderation/").status_code == 405
