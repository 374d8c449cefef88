"""The rules, in their order. Each row: what is known of a text, and what becomes of it."""

import pytest

from discussion.moderation import MAX_LENGTH, RULES, Draft, Outcome, judge
from mfr_site.models import SiteRules

STRICT = SiteRules(blocked_words="\ncheap pills\n", first_post_waits=True)
# Zero turns a rule off.
LAX = SiteRules(posts_in_a_row=0, posts_in_a_burst=0, held_per_hour=0)
LINKS = "https://a.example www.b.example [c](https://c.example)"


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
        (Draft("Hello.", held_lately=60, is_anonymous=True), Outcome.HOLD, "busy"),
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
