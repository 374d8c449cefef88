import pytest

from articles.checks import check
from articles.models import Source
from articles.reading_age import long_sentences, reading_age
from articles.wording import claims
from tests.make import make_article, make_draft

pytestmark = pytest.mark.django_db

PLAIN = "Slow pressure may ease some pain for a while. "
HARD = (
    "Myofascial interventions demonstrably facilitate multidimensional proprioceptive "
    "recalibration, notwithstanding considerable methodological heterogeneity. "
)


def faults(body, **text):
    findings = check(make_draft(body=body, description="d", **text))
    return [finding.sentence for finding in findings if finding.is_fault]


def remarks(body, **text):
    findings = check(make_draft(body=body, **text))
    return [finding.sentence for finding in findings if not finding.is_fault]


def test_a_careful_text_has_no_fault():
    Source.objects.create(key="smith-2020", title="A trial", kind="trial")
    assert faults(f"{PLAIN}[^smith-2020]") == []


def test_a_source_that_nobody_keeps_is_a_fault():
    assert any("nobody-2020" in told for told in faults("It helps.[^nobody-2020]"))


def test_a_picture_that_nobody_uploaded_is_a_fault():
    assert any("shoulder" in told for told in faults("![A shoulder](image:shoulder)"))


@pytest.mark.parametrize(
    "href",
    [
        "/articles/not-there/",
        "/topics/not-there/",
        "/not-there/",
        "/articles/",
        "#not-there",
    ],
)
def test_links_of_ours_are_followed(href):
    told = faults(f"See [this]({href}).")
    assert [href in sentence for sentence in told] == (
        [] if href == "/articles/" else [True]
    )


def test_a_link_to_a_published_article_leads_there():
    make_article("fascia")
    assert faults("See [fascia](/articles/fascia/).") == []


def test_a_link_to_a_draft_leads_nowhere_yet():
    make_draft("fascia")
    assert faults("See [fascia](/articles/fascia/).") != []


def test_a_link_to_a_heading_of_the_text_leads_there():
    assert faults("See [below](#how-it-works).\n\n## How it works\n\nSlowly.") == []


def test_links_to_other_sites_are_not_followed():
    assert faults("See [this](https://example.org/gone).") == []


def test_a_text_without_sources_is_remarked_on():
    assert "The text cites no source." in remarks(PLAIN)


def test_a_dead_source_is_remarked_on():
    Source.objects.create(
        key="gone-2020", title="A page", kind="page", dead_since="2026-01-01"
    )
    assert any("gone-2020" in told for told in remarks(f"{PLAIN}[^gone-2020]"))


def test_promises_are_remarked_on():
    assert any("“cures”" in told for told in remarks("This cures pain."))


@pytest.mark.parametrize(
    "sentence",
    [
        "It is not a cure.",
        "Nobody has proven it.",
        "Walk away from anyone who promises a cure.",
        "Does it break up adhesions?",
    ],
)
def test_a_denied_promise_is_none(sentence):
    assert claims([sentence]) == []


@pytest.mark.parametrize(
    "sentence",
    ["It is proven to work.", "This is 100% safe.", "Rolling breaks up adhesions."],
)
def test_a_promise_is_found(sentence):
    assert [claim.sentence for claim in claims([sentence])] == [sentence]


def test_hard_words_make_an_older_reader():
    easy, hard = reading_age([PLAIN * 20]), reading_age([HARD * 20])
    assert easy is not None and hard is not None
    assert easy <= 11
    assert hard >= 16


def test_a_few_words_have_no_reading_age():
    assert reading_age([PLAIN]) is None


def test_long_sentences_are_found_longest_first():
    longer, long = "word " * 40 + "end.", "word " * 30 + "end."
    assert long_sentences([f"{long} Short one.", longer]) == [longer, long]
