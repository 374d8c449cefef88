""" "You might also like": what an editor picked, then what was found to be close."""

from .models import Article, Revision

SHOWN = 4
# What a card says of an article (articles/_card.html).
OF_A_CARD = (
    *("title", "standfirst", "description", "minutes"),
    *("article__slug", "article__post_count"),
)


def related_to(article: Article, limit: int = SHOWN) -> list[Article]:
    """Published articles to read next, the hand-picked first. One query."""
    lives = (
        Revision.objects.live()
        .filter(article__named_by__article=article)
        .select_related("article")
        .only(*OF_A_CARD)
        .order_by("-article__named_by__picked", "article__named_by__position")
    )
    found = []
    for live in lives[:limit]:
        live.article.live_revisions = [live]
        found.append(live.article)
    return found
