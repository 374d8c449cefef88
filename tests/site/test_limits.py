"""The table of limits, and what somebody who meets one is told."""

import pytest

from mfr_site.limits import LIMITS, Refusal, allow, read, windows
from mfr_site.models import SiteRules
from mfr_site.short_memory import Window

pytestmark = pytest.mark.django_db


def test_an_act_is_counted_and_then_refused():
    results = [allow("search", ["somebody"]) for _ in range(31)]

    assert results[:30] == [None] * 30
    assert 0 < results[30].retry_after <= 60


def test_acts_do_not_count_for_one_another():
    assert allow("export", ["somebody"]) is None
    assert allow("search", ["somebody"]) is None
    assert allow("export", ["somebody"]) is not None


@pytest.mark.parametrize("act", LIMITS)
def test_every_limit_has_a_longest_window_of_a_day_at_most(act):
    assert all(0 < window.seconds <= 86_400 for window in LIMITS[act])
    assert all(window.limit > 0 for window in LIMITS[act])


@pytest.mark.parametrize(
    ("seconds", "span"),
    [
        (1, "1 second"),
        (15, "15 seconds"),
        (60, "1 minute"),
        (61, "2 minutes"),
        (3600, "1 hour"),
        (86_000, "24 hours"),
    ],
)
def test_the_wait_is_told_as_people_say_it(seconds, span):
    assert Refusal(seconds).sentence.endswith(f"in {span}.")


def test_an_act_without_limits_is_a_mistake():
    with pytest.raises(KeyError):
        allow("dance", ["somebody"])


def test_a_limit_that_editors_set_holds_in_place_of_the_usual():
    SiteRules(limits="search: 2/m\n\nedit: 1/30s, 5/2h").save()

    assert [allow("search", ["somebody"]) is None for _ in range(3)] == [
        True,
        True,
        False,
    ]
    assert read(SiteRules.current().limits)["edit"] == (Window(1, 30), Window(5, 7200))


@pytest.mark.parametrize(
    "line", ["nonsense: 1/m", "edit", "edit: ", "edit: 1/x", "edit: 0/m", "edit: 1/2d"]
)
def test_a_limit_that_cannot_be_is_named(line):
    with pytest.raises(ValueError, match=r"limit called|understood"):
        read(line)


def test_a_limit_that_is_gone_does_no_harm():
    SiteRules(limits="a former limit: 1/d\nedit: 3/h").save()
    assert [w.limit for w in windows("edit")] == [3]
    assert windows("report") == LIMITS["report"]
