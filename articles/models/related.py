"""Which articles are close to which: picked by an editor, or found by the program."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.db.models import Q

from mfr_site import full_text
from mfr_site.caching import bump

from .revision import SEARCH_KIND, Revision

if TYPE_CHECKING:
    from .article import Article

LINK = re.compile(r"\]\(/articles/([\w-]+)/")

# More than are shown, because some may be withdrawn or not yet live.
FOUND = 8
# What each sign of closeness counts. A link was somebody's judgement; words are not.
LINKED, SAME_TOPIC, SAME_SOURCE, SAME_WORDS = 3.0, 2.0, 0.5, 3.0
# How many articles of each sign are looked at: bounds the cost on a large site.
LOOKED_AT = 100


class RelatedManager(models.Manager["Related"]):
    @transaction.atomic
    def pick(self, article: "Article", others: Sequence["Article"]) -> None:
        """Make these, in this order, the articles that an editor picked for one."""
        kept = self.filter(article=article)
        kept.filter(Q(picked=True) | Q(other__in=others)).delete()
        self.bulk_create(
            Related(article=article, other=other, picked=True, position=position)
            for position, other in enumerate(others)
        )
        bump(article.page_tag)

    def refresh(self, revision: Revision) -> None:
        """Find anew what is close to an approved text, and what it is close to."""
        self._find_for(revision)
        near = self.filter(article=revision.article_id).values("other_id")
        newest = Revision.objects.approved().filter(article__in=near)
        texts = {found.article_id: found for found in newest.order_by("number")}
        for found in texts.values():
            self._find_for(found)

    def _find_for(self, revision: Revision) -> None:
        kept = self.filter(article=revision.article_id)
        kept.filter(picked=False).delete()
        passed_over = {revision.article_id, *kept.values_list("other_id", flat=True)}
        score: Counter[int] = Counter()
        for article_id, points in _signs(revision):
            if article_id not in passed_over:
                score[article_id] += points  # type: ignore[assignment]
        # The older article wins a tie, so that two runs agree.
        ranked = sorted(score, key=lambda article_id: (-score[article_id], article_id))
        self.bulk_create(
            Related(
                article_id=revision.article_id,
                other_id=article_id,
                picked=False,
                position=position,
            )
            for position, article_id in enumerate(ranked[:FOUND])
        )


def _signs(revision: Revision) -> Iterator[tuple[int, float]]:
    """The articles that have something in common with a text, and how much it counts."""
    others = Revision.objects.approved().exclude(article=revision.article_id)
    others = others.order_by("-pk")
    linked = others.filter(article__slug__in=LINK.findall(revision.body))
    for article_id in set(linked.values_list("article_id", flat=True)):
        yield article_id, LINKED
    topics = revision.article.topics.all()
    same_topic = others.filter(article__topics__in=topics)[:LOOKED_AT]
    pairs = same_topic.values_list("article_id", "article__topics")
    for article_id, _ in set(pairs):
        yield article_id, SAME_TOPIC
    same_source = others.filter(sources__in=revision.sources.all())[:LOOKED_AT]
    for article_id, _ in set(same_source.values_list("article_id", "sources")):
        yield article_id, SAME_SOURCE
    yield from _same_words(revision, others)


def _same_words(
    revision: Revision, others: models.QuerySet[Revision]
) -> Iterator[tuple[int, float]]:
    words = f"{revision.title} {revision.description or revision.standfirst}"
    ranked = full_text.alike(SEARCH_KIND, words)[:LOOKED_AT]
    articles = dict(others.filter(pk__in=ranked).values_list("pk", "article_id"))
    best = dict.fromkeys(articles[pk] for pk in ranked if pk in articles)
    for place, article_id in enumerate(best):
        yield article_id, SAME_WORDS / (place + 1)


class Related(models.Model):
    """One line of "You might also like"."""

    article = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, related_name="related_links"
    )
    other = models.ForeignKey(
        "articles.Article", on_delete=models.CASCADE, related_name="named_by"
    )
    picked = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    objects = RelatedManager()

    class Meta:
        ordering = ["-picked", "position"]
        constraints = [
            models.UniqueConstraint(fields=["article", "other"], name="related_once"),
            models.CheckConstraint(
                condition=~models.Q(article=models.F("other")),
                name="related_to_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.article_id} → {self.other_id}"
