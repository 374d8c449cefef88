from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from articles.models import Article, FrozenTextError, Related, Revision, Source
from mfr_site.models import PageVersion, ScheduledBump
from tests.make import make_article, make_draft, revise

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def test_a_draft_is_rendered_and_cut_and_not_public():
    draft = make_draft("fascia")
    assert draft.number == 1
    assert "<h2" in draft.html
    assert [passage.kind for passage in draft.passages.all()] == [*"php", "li", "li"]
    assert not Article.objects.published().exists()
    assert draft.article.live is None


def test_approval_publishes_at_once(edda):
    draft = make_draft("fascia")
    draft.submit_for_review(edda)
    draft.approve(edda)
    article = Article.objects.published().get()
    assert article.live == draft
    assert article.first_published_at == draft.go_live_at
    assert (draft.submitted_by, draft.approved_by) == (edda, edda)


def test_a_scheduled_first_text_appears_by_the_clock_alone(time_machine):
    article = make_article(go_live_at=timezone.now() + HOUR)
    assert not Article.objects.published().exists()
    time_machine.move_to(timezone.now() + 2 * HOUR)
    assert Article.objects.published().get() == article


def test_a_scheduled_update_replaces_the_live_text_by_the_clock_alone(time_machine):
    article = make_article(title="Before")
    revise(article, title="After", go_live_at=timezone.now() + HOUR)
    assert Article.objects.get().live.title == "Before"
    assert Revision.objects.live().get().title == "Before"
    time_machine.move_to(timezone.now() + 2 * HOUR)
    assert Article.objects.get().live.title == "After"
    assert Revision.objects.live().get().title == "After"


def test_a_scheduled_text_says_when_its_pages_change():
    when = timezone.now() + HOUR
    article = make_article(go_live_at=when)
    bumps = ScheduledBump.objects.filter(at=when).values_list("tag", flat=True)
    assert set(bumps) == {article.page_tag, "articles"}


def test_an_approval_makes_pages_old():
    article = make_article()
    before = PageVersion.objects.get(tag=article.page_tag).version
    revise(article)
    assert PageVersion.objects.get(tag=article.page_tag).version == before + 1


def test_a_time_that_has_passed_means_now():
    before = timezone.now()
    article = make_article(go_live_at=before - HOUR)
    assert article.live.go_live_at >= before


def test_a_revision_that_waits_can_be_given_another_time(edda):
    revision = make_article(go_live_at=timezone.now() + HOUR).latest
    revision.approve(edda)
    assert Article.objects.published().exists()


def test_a_revision_that_waits_can_be_called_back(time_machine):
    revision = make_article(go_live_at=timezone.now() + HOUR).latest
    revision.call_back()
    time_machine.move_to(timezone.now() + 2 * HOUR)
    assert not Article.objects.published().exists()


def test_an_article_is_published_exactly_while_a_revision_of_it_is_live(
    edda, time_machine
):
    """The two questions ask different rows."""
    revision = make_draft()

    def published():
        articles = set(Article.objects.published())
        assert articles == {live.article for live in Revision.objects.live()}
        assert articles.isdisjoint(Article.objects.unpublished())
        return bool(articles)

    assert not published()
    revision.approve(edda, timezone.now() + HOUR)
    assert not published()
    revision.call_back()
    revision.approve(edda, timezone.now() + HOUR)
    time_machine.move_to(timezone.now() + HOUR)
    assert published()
    revise(revision.article, go_live_at=timezone.now() + HOUR).call_back()
    assert published()
    revision.article.withdraw(edda, "It is out of date.")
    assert not published()
    revision.article.reinstate()
    assert published()


def test_a_live_revision_is_neither_approved_again_nor_called_back(edda):
    revision = make_article().latest
    for act in (revision.approve, revision.submit_for_review):
        with pytest.raises(ValidationError):
            act(edda)
    with pytest.raises(ValidationError):
        revision.call_back()


def test_first_publication_never_moves_once_it_has_passed(time_machine):
    article = make_article()
    first = article.first_published_at
    time_machine.move_to(timezone.now() + HOUR)
    revise(article)
    assert article.first_published_at == first


def test_a_planned_first_publication_can_be_overtaken():
    article = make_article(go_live_at=timezone.now() + HOUR)
    sooner = revise(article)
    assert article.first_published_at == sooner.go_live_at


@pytest.mark.parametrize("field", ["title", "standfirst", "byline", "body", "number"])
def test_a_saved_text_cannot_be_changed(field):
    revision = make_draft()
    with pytest.raises(FrozenTextError):
        revision.save(update_fields=[field])
    with pytest.raises(FrozenTextError):
        revision.save()
    with pytest.raises(FrozenTextError):
        Revision.objects.filter(pk=revision.pk).update(**{field: 9})


def test_rendering_again_keeps_the_keys():
    revision = make_article().latest
    keys = [passage.key for passage in revision.passages.all()]
    revision.render_again()
    revision.refresh_from_db()
    assert [passage.key for passage in revision.passages.all()] == keys
    assert all(f'id="p-{key}"' in revision.html for key in keys)


def test_sources_are_linked_in_the_order_of_the_text():
    for key, doi in [("one-2001", "10.1/one"), ("two-2002", "10.1/two")]:
        Source.objects.create(key=key, title=key, doi=doi, kind=Source.Kind.TRIAL)
    draft = make_draft(body="Yes.[^two-2002] No.[^one-2001] Unknown.[^nobody-1999]")
    assert draft.citations == ["https://doi.org/10.1/two", "https://doi.org/10.1/one"]
    assert draft.sources.count() == 2
    assert draft.passages.get().text == "Yes. No. Unknown.[^nobody-1999]"


def test_an_edit_carries_keys_and_leaves_out_only_what_it_changes():
    article = make_article()
    old = {passage.text: passage.key for passage in article.live.passages.all()}
    body = article.live.body.replace(
        "Soreness is common", "Soreness for a day is common"
    )
    new = revise(article, body=f"A new start.\n\n{body}")
    assert new.title == article.revisions.get(number=1).title
    keys = {passage.text: passage.key for passage in new.passages.all()}
    assert keys.pop("A new start.") not in old.values()
    assert keys.pop("Soreness for a day is common.") == old.pop("Soreness is common.")
    assert keys == old


def test_only_the_live_text_is_found():
    article = make_article(title="Rolling slowly")
    make_draft(title="Rolling in secret")
    revise(article, title="Pressing slowly")
    revise(article, title="Kneading slowly", go_live_at=timezone.now() + HOUR)
    assert Article.objects.search("rolling").items == []
    assert Article.objects.search("kneading").items == []
    assert [found.row.article for found in Article.objects.search("press").items] == [
        article
    ]


def test_a_withdrawn_article_is_not_found(edda):
    article = make_article(title="Rolling slowly")
    article.withdraw(edda, "Out of date")
    assert Article.objects.search("rolling").total == 0


def test_approval_finds_related_articles_both_ways():
    first = make_article(title="Rolling your calf")
    second = make_article(title="Rolling your back", body="See [it](/articles/x/).")
    pairs = set(Related.objects.values_list("article", "other"))
    assert pairs == {(first.pk, second.pk), (second.pk, first.pk)}
