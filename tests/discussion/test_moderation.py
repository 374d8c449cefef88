"""The rules, in their order. Each row: what is known of a text, and what becomes of it."""

import pytest

from discussion.moderation import (
    MAX_LENGTH,
    RULES,
    Draft,
    Outcome,
    judge,
    read_weights,
)
from mfr_site.models import SiteRules

STRICT = SiteRules(blocked_words="\ncheap pills\n", first_post_waits=True)
# Zero turns a rule off.
LAX = SiteRules(posts_in_a_row=0, posts_in_a_burst=0, held_per_hour=0)
LINKS = "https://a.example www.b.example [c](https://c.example)"
LINK = "See https://a.example"


def weighing(*lines):
    return SiteRules(weights="\n".join(lines))


THIRDS = ("in-a-row: 0.2", "burst: 0.7", "score: 0.1")


@pytest.mark.parametrize(
    ("draft", "outcome", "rule"),
    [
        (Draft("Plain words."), Outcome.PUBLISH, ""),
        (Draft(""), Outcome.REFUSE, "empty"),
        (Draft("x" * MAX_LENGTH), Outcome.PUBLISH, ""),
        (Draft("x" * (MAX_LENGTH + 1)), Outcome.REFUSE, "length"),
        (Draft("Late.", takes_posts=False), Outcome.REFUSE, "closed"),
        (Draft("Late.", takes_posts=False, by_editor=True), Outcome.REFUSE, "closed"),
        (Draft(LINKS), Outcome.HOLD, "links"),
        (Draft(LINKS, is_trusted=True), Outcome.PUBLISH, "trusted"),
        (Draft(LINKS, by_editor=True), Outcome.PUBLISH, "editor"),
        (Draft("https://a.example, www.b.example"), Outcome.PUBLISH, ""),
        (Draft("Hello.", is_silenced=True), Outcome.HOLD, "silenced"),
        (Draft(LINKS, is_silenced=True), Outcome.HOLD, "silenced"),
        (Draft("Again.", is_repeated=True), Outcome.HOLD, "repeat"),
        (Draft("Again.", is_repeated=True, is_trusted=True), Outcome.HOLD, "repeat"),
        (Draft("Buy CHEAP Pills!", site=STRICT), Outcome.HOLD, "words"),
        (
            Draft("che\N{FULLWIDTH LATIN SMALL LETTER A}p pills", site=STRICT),
            Outcome.HOLD,
            "words",
        ),
        (Draft("Cheap pillsbury.", site=STRICT), Outcome.PUBLISH, ""),
        (Draft("cheap pills", site=STRICT, is_trusted=True), Outcome.HOLD, "words"),
        (Draft("Hello.", is_slowed=True), Outcome.HOLD, "slowed"),
        (Draft("Hello.", is_slowed=True, is_trusted=True), Outcome.PUBLISH, "trusted"),
        (Draft("Hello.", is_known=False), Outcome.PUBLISH, ""),
        (Draft("Hello.", is_known=False, site=STRICT), Outcome.HOLD, "first"),
        (Draft("Hello.", in_a_row=2), Outcome.PUBLISH, ""),
        (Draft("Hello.", in_a_row=3), Outcome.HOLD, "in-a-row"),
        (Draft("Hello.", in_a_burst=5), Outcome.PUBLISH, ""),
        (Draft("Hello.", in_a_burst=6), Outcome.HOLD, "burst"),
        (Draft("Hello.", held_lately=60), Outcome.PUBLISH, ""),
        (Draft("Hello.", held_lately=59, is_anonymous=True), Outcome.PUBLISH, ""),
        (Draft("Hello.", held_lately=60, is_anonymous=True), Outcome.ASK, "busy"),
        # Who has no account may be asked whether they are a person; a person is not.
        (Draft(LINKS, is_anonymous=True), Outcome.ASK, "links"),
        (Draft(LINKS, is_anonymous=True, is_person=True), Outcome.PUBLISH, ""),
        (Draft("Hello.", in_a_burst=6, is_anonymous=True), Outcome.ASK, "burst"),
        (Draft("cheap pills", site=STRICT, is_person=True), Outcome.HOLD, "words"),
        (Draft("Again.", is_repeated=True, is_anonymous=True), Outcome.HOLD, "repeat"),
        # Two half doubts are one; either alone decides nothing.
        (Draft("Hello.", form_age=1), Outcome.PUBLISH, ""),
        (Draft(LINK, is_known=False), Outcome.PUBLISH, ""),
        (Draft(LINK, is_known=False, form_age=3), Outcome.PUBLISH, ""),
        (Draft(LINK, is_known=False, form_age=2.9), Outcome.HOLD, "haste"),
        (
            Draft(LINK, is_known=False, form_age=0, is_anonymous=True),
            Outcome.ASK,
            "haste",
        ),
        (Draft(LINK, form_age=0), Outcome.PUBLISH, ""),
        (Draft(LINK, is_known=False, is_trusted=True), Outcome.PUBLISH, "trusted"),
        # Editors weigh: 0 is off, 1 decides.
        (Draft(LINKS, site=weighing("links: 0")), Outcome.PUBLISH, ""),
        (Draft("Hi.", form_age=1, site=weighing("haste: 1")), Outcome.HOLD, "haste"),
        (
            Draft("Hi.", in_a_row=3, in_a_burst=6, site=weighing(*THIRDS)),
            Outcome.PUBLISH,
            "",
        ),
        (
            Draft("Hi.", in_a_row=3, in_a_burst=6, score=1, site=weighing(*THIRDS)),
            Outcome.HOLD,
            "score",
        ),
        # What is only noted decides nothing.
        (Draft("Ring me: 020 7946 0018."), Outcome.PUBLISH, ""),
        (Draft("I want to kill myself."), Outcome.PUBLISH, ""),
        (Draft("Hello.", score=0.97), Outcome.PUBLISH, ""),
        (Draft("Hello.", score=0.98), Outcome.HOLD, "score"),
        (
            Draft("Hello.", score=1, site=SiteRules(score_holds_at=1)),
            Outcome.PUBLISH,
            "",
        ),
        (Draft("x", in_a_row=99, in_a_burst=99, site=LAX), Outcome.PUBLISH, ""),
    ],
)
def test_the_first_rule_with_something_to_say_decides(draft, outcome, rule):
    verdict = judge(draft)

    assert (verdict.outcome, verdict.rule) == (outcome, rule)


def test_whoever_is_held_or_refused_is_told_why():
    for rule in RULES:
        assert rule.outcome is Outcome.PUBLISH or rule.reason.endswith(".")


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("", 0),
        ("https://www.a.example", 1),
        ("HTTP://A.example and http://b.example", 2),
        ("[a](https://a.example)(https://a.example)", 2),
        ("awww.cute and http:// alone", 0),
    ],
)
def test_links_are_counted_as_they_are_written(text, links):
    assert Draft(text).links == links


def test_the_reason_names_the_number_that_editors_have_set():
    verdict = judge(Draft(LINKS, site=SiteRules(links_from_strangers=1)))

    assert verdict.reason.startswith("It has more than 1 links")


@pytest.mark.parametrize(
    ("draft", "noted"),
    [
        (Draft("Hello."), ()),
        (Draft("Ring me: 020 7946 0018."), ("personal-data",)),
        (Draft("I want to kill myself."), ("crisis",)),
        (
            Draft(f"I feel suicidal. a@b.example {LINKS}"),
            ("personal-data", "crisis"),
        ),
        (Draft("I want to kill myself.", takes_posts=False), ()),
    ],
)
def test_what_is_found_beside_is_noted_whatever_is_decided(draft, noted):
    verdict = judge(draft)

    assert verdict.noted == noted
    assert verdict.is_urgent == ("crisis" in noted)


def test_the_rules_stand_in_the_order_that_was_agreed():
    """What no editor can change comes first; the ceiling of the site comes last."""
    assert [rule.name for rule in RULES] == [
        *("empty", "length", "closed", "editor", "silenced", "links", "link", "repeat"),
        *("words", "trusted", "slowed", "first", "in-a-row", "haste", "burst", "score"),
        *("personal-data", "crisis", "busy"),
    ]
    assert all(0 < rule.weight <= 1 for rule in RULES)


def test_the_defaults_are_those_that_were_measured_elsewhere():
    """PEERS §3."""
    site = SiteRules()
    assert (site.links_from_strangers, site.posts_in_a_row, site.form_seconds) == (
        2,
        3,
        3,
    )
    assert (site.hide_at, site.hide_within_hours) == (3, 24)


@pytest.mark.parametrize(
    "line",
    ["links", "links: 2", "links: -1", "links: nan", "link s: 1", "trusted: 0"],
)
def test_a_weight_that_is_not_understood(line):
    with pytest.raises(ValueError, match="“"):
        read_weights(line)


@pytest.mark.parametrize("name", ["crisis", "personal-data", "closed", "editor"])
def test_what_decides_alone_or_never_has_no_weight_to_change(name):
    with pytest.raises(ValueError, match=name):
        read_weights(f"{name}: 1")


def test_the_weight_of_a_rule_that_is_gone_does_no_harm():
    site = weighing("a-former-rule: 0.5", "links: 0")
    assert judge(Draft(LINKS, site=site)).outcome is Outcome.PUBLISH
