"""The newsroom as a whole: its door, its desk and its rights."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from mfr_site.newsroom.rights import EDITORS, grant
from tests.make import make_article, make_draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def newsroom(client, edda):
    client.force_login(edda)
    return client


def desk(client):
    return client.get("/admin/").content.decode()


def test_the_door_is_the_one_log_in(client):
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0].startswith("/accounts/login/")


def test_members_stay_outside(client, maya):
    client.force_login(maya)
    page = client.get("/admin/login/")
    assert page.status_code == 403
    # Who they are here, and where they can go on from.
    assert f"You are logged in as {maya}, and" in page.content.decode()
    assert 'Go to <a href="/accounts/">your account</a>' in page.content.decode()


def test_a_password_is_changed_where_everybody_changes_it(newsroom):
    assert newsroom.get("/admin/password_change/").url == "/accounts/password/change/"


def test_an_empty_desk_says_so(newsroom, valid_html):
    response = newsroom.get("/admin/")
    assert "No text waits for a second pair of eyes." in response.content.decode()
    valid_html(response)


def test_the_desk_shows_what_waits(newsroom, edda):
    make_draft("a", title="Half written", author=edda)
    make_draft("b", title="Ready to read").submit_for_review(edda)
    tomorrow = timezone.now() + timedelta(days=1)
    make_article("c", title="Coming soon", go_live_at=tomorrow)
    late = make_article("d", title="Gone stale")
    late.bring_review_forward("Three disputes are open.")
    type(late).objects.filter(pk=late.pk).update(
        next_review_on=timezone.localdate() - timedelta(days=1)
    )
    page = desk(newsroom)
    for told in ("Half written", "Ready to read", "Coming soon", "Gone stale"):
        assert page.count(f">{told}</a>") == 1
    assert "Three disputes are open." in page


def test_editors_have_just_their_rights():
    editors = Group.objects.get(name=EDITORS)
    rights = {str(p.codename) for p in editors.permissions.all()}
    assert {"change_article", "change_post", "change_user"} <= rights
    assert {name for name in rights if name.startswith("delete_")} == {"delete_related"}
    assert not rights & {"change_group", "change_permission", "add_user"}


def test_a_right_that_was_added_by_hand_does_not_last():
    editors = Group.objects.get(name=EDITORS)
    editors.permissions.clear()
    grant()
    assert editors.permissions.filter(codename="change_article").exists()
