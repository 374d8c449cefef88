from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from articles.models import Article, Related, Review, Topic
from articles.models.article import months_after
from articles.related import related_to
from mfr_site.models import PageVersion
from tests.make import make_article, make_draft, revise

pytestmark = pytest.mark.django_db


def version(tag):
    return PageVersion.objects.get(tag=tag).version


def test_its_name_is_the_title_that_readers_see_or_else_that_of_the_draft(edda):
    article = make_draft("rollers", title="Rollers").article
    assert str(article) == "Rollers"
    assert str(Article.objects.with_live().get()) == "Rollers"
    revise(article, by=edda)
    article.revise(edda, based_on=article.latest, title="Balls")
    assert str(Article.objects.get()) == "Rollers"
    assert str(Article.objects.create(slug="no-text-yet")) == "no-text-yet"


def test_withdrawing_hides_it_until_it_is_reinstated(edda):
    article = make_article()
    before = version(article.page_tag)
    article.withdraw(edda, "It is out of date.")
    assert not Article.objects.published().exists()
    assert (article.withdrawn_by, article.withdrawn_reason) == (
        edda,
        "It is out of date.",
    )
    article.reinstate()
    assert Article.objects.published().get() == article
    assert version(article.page_tag) == before + 2


def test_an_old_address_is_kept_for_the_article():
    article = make_article("first")
    article.change_slug("second")
    article.change_slug("third")
    assert {old.slug for old in article.old_slugs.all()} == {"first", "second"}
    article.change_slug("first")
    assert {old.slug for old in article.old_slugs.all()} == {"second", "third"}


def test_a_change_of_address_makes_the_pages_at_both_old():
    article = make_article("first")
    before = version("article:first")
    article.change_slug("second")
    assert version("article:first") == before + 1
    assert version("article:second") == 1


def test_an_address_is_never_given_to_another_article():
    make_article("first").change_slug("second")
    for slug in ("first", "second"):
        with pytest.raises(ValidationError):
            make_draft(slug)
        with pytest.raises(ValidationError):
            make_article().change_slug(slug)
    assert Article.objects.free_slug("first") == "first-2"
    assert Article.objects.free_slug("") == "article"
    assert len(Article.objects.free_slug("x" * 300)) <= 100


def review(article, on, kind=Review.Kind.EDITORIAL, **fields):
    fields = {"reviewer_name": "The editors", **fields}
    new = Review(revision=article.latest, on=on, kind=kind, **fields)
    article.record_review(new)
    return new


def test_a_review_sets_the_dates_and_nothing_else_does(edda):
    article = make_article()
    review(article, date(2026, 8, 31), recorded_by=edda)
    assert article.next_review_on == date(2028, 8, 31)
    revise(article, significance="typo")
    revise(article, significance="correction")
    article.refresh_from_db()
    assert article.last_reviewed_on == date(2026, 8, 31)
    assert article.next_review_on == date(2028, 8, 31)


def test_an_older_review_that_is_recorded_late_moves_nothing_back():
    article = make_article()
    review(article, date(2026, 8, 31))
    review(article, date(2025, 1, 1))
    assert article.last_reviewed_on == date(2026, 8, 31)


def test_only_a_clinicians_review_is_named_in_the_byline():
    article = make_article()
    review(article, date(2026, 8, 31))
    assert article.clinical_review is None
    clinical = review(article, date(2026, 7, 1), Review.Kind.CLINICAL)
    review(article, date(2026, 9, 1))
    article.refresh_from_db()
    assert article.clinical_review == clinical


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 10, 5), 24, date(2028, 10, 5)),
        (date(2026, 5, 31), 0, date(2026, 5, 31)),
    ],
)
def test_months_after(day, months, then):
    assert months_after(day, months) == then


def test_picked_articles_come_first_and_in_their_order():
    topic = Topic.objects.create(slug="care", title="Care", description="Care")
    article, *others = (
        make_article(title=f"Rolling {i}", topics=[topic]) for i in range(4)
    )
    Related.objects.refresh(article.latest)
    Related.objects.pick(article, [others[2], others[0]])
    assert related_to(article) == [others[2], others[0], others[1]]
    Related.objects.refresh(article.latest)
    assert related_to(article) == [others[2], others[0], others[1]]


def test_what_has_most_in_common_is_found_first():
    topic = Topic.objects.create(slug="care", title="Care", description="Care")
    far = make_article(title="Paying the bill", standfirst="Money.")
    same_topic = make_article(title="Sleep", standfirst="Rest.", topics=[topic])
    linked = make_article("pets", title="Pets", standfirst="Dogs.", topics=[topic])
    article = make_article(
        title="Rolling a ball",
        standfirst="Slowly.",
        body="See [pets](/articles/pets/).",
        topics=[topic],
    )
    assert related_to(article) == [linked, same_topic]
    assert article in related_to(linked)
    assert related_to(far) == []


def test_related_articles_are_ones_that_readers_may_see(edda):
    article, withdrawn, planned = (make_article(title=f"Ball {i}") for i in range(3))
    withdrawn.withdraw(edda, "Old")
    later = make_article(title="Ball 4", go_live_at=timezone.now() + timedelta(days=1))
    assert later not in related_to(article)
    assert related_to(article) == [planned]


def test_a_new_title_makes_old_the_pages_that_name_it():
    article, other = (make_article(title=f"Ball {i}") for i in range(2))
    before = version(other.page_tag)
    revise(article, title="Ball and wall")
    assert version(other.page_tag) == before + 1
