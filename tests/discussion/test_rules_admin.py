"""Words, limits and thresholds, as an editor changes them."""

import pytest
from django.urls import reverse

from discussion.moderation import Draft, Outcome, judge
from mfr_site.models import SiteRules

pytestmark = pytest.mark.django_db
PAGE = "/admin/mfr_site/siterules/1/change/"


@pytest.fixture
def form(client, edda):
    client.force_login(edda)
    address = reverse("admin:mfr_site_siterules_changelist")
    page = client.get(address, follow=True)
    return page.context["adminform"].form.initial | {"blocked_words": ""}


def test_it_says_what_is_usual(client, form):
    page = client.get(PAGE).content.decode()
    assert "The usual: silenced: 1, links: 1, link: 0.5, repeat: 1" in page
    assert "anonymous post: 1/15s, 5/10m, 20/d; anonymous thread: 3/d;" in page
    assert "log-in anywhere" not in page


def test_a_change_is_in_force_at_once(client, form):
    assert SiteRules.current().links_from_strangers == 2

    client.post(PAGE, {**form, "links_from_strangers": 5, "limits": "edit: 3/h"})

    assert SiteRules.current().links_from_strangers == 5
    assert SiteRules.objects.count() == 1


def test_a_limit_that_is_not_understood_comes_back(client, form):
    page = client.post(PAGE, {**form, "limits": "edit: often"})

    assert "is not understood" in page.content.decode()
    assert SiteRules.current().limits == ""


def test_a_weight_is_in_force_at_once_or_comes_back(client, form):
    page = client.post(PAGE, {**form, "weights": "crisis: 1"})
    assert "no rule called “crisis” that doubts" in page.content.decode()

    client.post(PAGE, {**form, "weights": "links: 0"})

    assert judge(Draft("https://a.example " * 9)).outcome is Outcome.HOLD
    site = SiteRules.current()
    assert judge(Draft("https://a.example " * 9, site=site)).outcome is Outcome.PUBLISH


@pytest.mark.parametrize("score", ["0.2", "1.5"])
def test_a_score_that_would_hold_everything_comes_back(client, form, score):
    page = client.post(PAGE, {**form, "score_holds_at": score})

    assert "A number from 0.5 to 1." in page.content.decode()


def test_a_member_changes_nothing(client, maya):
    client.force_login(maya)
    assert client.post(PAGE, {"limits": ""}).status_code in {302, 403}
    assert not SiteRules.objects.exists()
