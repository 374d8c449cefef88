"""Sessions that end, and the second step that editors need."""

import pytest
import time_machine
from django.contrib.sessions.models import Session

from tests.accounts.doors import log_in, make_account

pytestmark = pytest.mark.django_db

NOON = "2026-03-01T12:00:00Z"
HOUR, DAY = 3600, 24 * 3600


def is_open(client):
    return client.get("/accounts/").status_code == 200


def stay_logged_in(client, **fields):
    make_account(**fields)
    form = {"login": "maya", "password": "plum harbour seldom violin", "remember": "on"}
    client.post("/accounts/login/", form)


@pytest.mark.parametrize(
    ("is_staff", "kept", "ended"),
    [(False, 13.9 * DAY, 14.1 * DAY), (True, 29 * 60, 31 * 60)],
)
def test_a_session_ends_when_it_is_not_used(client, is_staff, kept, ended):
    with time_machine.travel(NOON, tick=False) as clock:
        stay_logged_in(client, is_staff=is_staff)
        clock.shift(kept)
        assert is_open(client)
        clock.shift(ended)
        assert not is_open(client)


@pytest.mark.parametrize(
    ("is_staff", "step", "life"), [(False, 10 * DAY, 90 * DAY), (True, 1200, 12 * HOUR)]
)
def test_no_session_lasts_for_ever(client, is_staff, step, life):
    with time_machine.travel(NOON, tick=False) as clock:
        stay_logged_in(client, is_staff=is_staff)
        for _ in range(int(life // step)):
            clock.shift(step)
            assert is_open(client)
        clock.shift(step)
        assert not is_open(client)


def test_reading_on_writes_nothing(client, django_assert_num_queries):
    make_account()
    log_in(client)
    client.get("/accounts/")
    before = list(Session.objects.values())
    client.get("/accounts/")
    assert list(Session.objects.values()) == before


@pytest.fixture
def strict(settings):
    settings.STAFF_SECOND_FACTOR = True


@pytest.mark.parametrize("path", ["/admin/", "/admin/accounts/user/", "/admin/none/"])
def test_an_editor_without_a_second_step_is_led_to_it(client, strict, path):
    make_account(is_staff=True, is_superuser=True)
    log_in(client)
    response = client.get(path)
    assert response["Location"] == "/accounts/2fa/"
    page = client.get("/accounts/2fa/").content.decode()
    assert "Editors need two-step log-in" in page


@pytest.mark.parametrize("kind", ["totp", "webauthn"])
def test_with_one_the_door_is_open(client, strict, kind):
    maya = make_account(is_staff=True, is_superuser=True)
    log_in(client)
    maya.authenticator_set.create(type=kind, data={})
    assert client.get("/admin/").status_code == 200


def test_for_a_trial_it_can_be_relaxed(client, settings):
    settings.STAFF_SECOND_FACTOR = False
    make_account(is_staff=True, is_superuser=True)
    log_in(client)
    assert client.get("/admin/").status_code == 200


def test_a_member_is_not_asked_for_it(client, strict):
    make_account()
    log_in(client)
    assert client.get("/").status_code == 200
