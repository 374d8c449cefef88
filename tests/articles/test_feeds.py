from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from articles.models import Correction
from tests.make import make_article, make_draft, revise

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


def entries(client, address):
    response = client.get(address)
    assert response["Content-Type"].startswith("application/atom+xml")
    assert response["Cache-Control"].startswith("public")
    return ElementTree.fromstring(response.content).findall(f"{ATOM}entry")


def titles(client, address):
    return [entry.findtext(f"{ATOM}title") for entry in entries(client, address)]


def test_articles_come_newest_first_and_only_what_is_live(client, edda):
    make_article(title="First")
    make_article(title="Second")
    make_draft(title="Draft")
    make_article(title="Tomorrow", go_live_at=timezone.now() + timedelta(days=1))
    make_article(title="Gone").withdraw(edda, "Out of date.")
    assert titles(client, "/feeds/articles/") == ["Second", "First"]


def test_addresses_are_the_site_s_whatever_the_request_called_it(client, settings):
    settings.SITE_URL = "https://fascia.example"
    make_article("fascia")
    (entry,) = entries(client, "/feeds/articles/")
    link = entry.find(f"{ATOM}link").get("href")
    assert link == "https://fascia.example/articles/fascia/"


def test_corrections_are_followed_in_their_own_feed(client, edda):
    article = make_article(title="How it works")
    before = article.live
    after = revise(article, by=edda, body="It is not settled.")
    Correction.objects.create(
        article=article, before=before, after=after, text="It was wrong.", editor=edda
    )
    (entry,) = entries(client, "/feeds/corrections/")
    assert entry.findtext(f"{ATOM}summary") == "It was wrong."
