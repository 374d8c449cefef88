"""Articles and what they draw on, as files: what `importers.site` reads."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from django.core.files.storage import Storage

from articles.models import (
    Article,
    Correction,
    Image,
    Review,
    Revision,
    Source,
    StandingPage,
    Topic,
)
from mfr_site.export_folder import (
    Part,
    as_lines,
    as_markdown,
    as_yaml,
    moment,
    without_empty,
)

CHUNK = 64 * 1024
SOURCE_FIELDS = (
    *("authors", "year", "title", "published_in", "doi", "url", "kind"),
    "dead_since",
)
IMAGE_FIELDS = ("alt", "caption", "credit", "width", "height")


def library() -> Iterator[Part]:
    """Topics, sources, pictures and standing pages, as `content/` has them."""
    yield "topics.yaml", as_yaml([topic_row(topic) for topic in Topic.objects.all()])
    sources = Source.objects.order_by("key")
    yield "sources.yaml", as_yaml({row.key: source_row(row) for row in sources})
    images = Image.objects.order_by("name")
    yield "images/images.yaml", as_yaml({row.name: image_row(row) for row in images})
    for image in images:
        yield _path_of(image), _chunks(image.file.storage, str(image.file.name))
    for page in StandingPage.objects.order_by("url"):
        yield page_part(page)


def related() -> Part:
    """What editors picked as "You might also like", by article."""
    picked = {
        article.slug: list(
            article.related_links.filter(picked=True).values_list(
                "other__slug", flat=True
            )
        )
        for article in Article.objects.order_by("pk")
    }
    return "related.yaml", as_yaml(without_empty(picked))


def article(article: Article) -> Iterator[Part]:
    """One article's own files: what it is, each of its texts, and their passages."""
    folder = f"articles/{article.slug}"
    revisions = article.revisions.order_by("number")
    yield f"{folder}/article.yaml", as_yaml(_identity(article))
    for revision in revisions.select_related("based_on"):
        name = f"{folder}/revisions/{revision.number:04}.md"
        yield name, as_markdown(_front_matter(revision), revision.body)
    yield f"{folder}/passages.jsonl", as_lines(_passages(article))


def topic_row(topic: Topic) -> dict[str, str]:
    return {
        "slug": topic.slug,
        "title": topic.title,
        "description": topic.description,
    }


def source_row(source: Source) -> dict[str, str]:
    row = {name: getattr(source, name) for name in SOURCE_FIELDS}
    return without_empty({name: str(value or "") for name, value in row.items()})


def image_row(image: Image) -> dict[str, Any]:
    row = {name: getattr(image, name) for name in IMAGE_FIELDS}
    return {"file": _path_of(image).removeprefix("images/"), **without_empty(row)}


def page_part(page: StandingPage) -> Part:
    name = f"pages/{quote(page.url.strip('/'), safe='') or 'index'}.md"
    fields = {
        "title": page.title,
        "description": page.description,
        "url": page.url,
    }
    return name, as_markdown(fields, page.source)


def _path_of(image: Image) -> str:
    return f"images/{str(image.file.name).rpartition('/')[2]}"


def _chunks(storage: Storage, name: str) -> Iterator[bytes]:
    with storage.open(name) as file:
        yield from file.chunks(CHUNK)


def _identity(article: Article) -> dict[str, Any]:
    numbers = dict(article.revisions.values_list("pk", "number"))
    return without_empty(
        {
            "ref": article.import_ref,
            "created": moment(article.created_at),
            "topics": [topic.slug for topic in article.topics.all()],
            "old_slugs": sorted(article.old_slugs.values_list("slug", flat=True)),
            "featured": article.featured,
            "review_months": article.review_months,
            "last_reviewed": _day(article.last_reviewed_on),
            "next_review": _day(article.next_review_on),
            "review_reason": article.review_reason,
            "discussion_closed": not article.discussion_open,
            "withdrawn": moment(article.withdrawn_at),
            "withdrawn_reason": article.withdrawn_reason,
            "last_post_number": article.last_post_number,
            "reviews": [
                _review(review, numbers) for review in article.reviews.order_by("pk")
            ],
            "corrections": [
                _correction(correction, numbers)
                for correction in article.corrections.order_by("pk")
            ],
        }
    )


def _review(review: Review, numbers: dict[int, int]) -> dict[str, Any]:
    return without_empty(
        {
            "revision": numbers[review.revision_id],
            "kind": review.kind,
            "on": _day(review.on),
            "name": review.reviewer_name,
            "role": review.reviewer_role,
            "register_url": review.register_url,
        }
    )


def _correction(correction: Correction, numbers: dict[int, int]) -> dict[str, Any]:
    return {
        "kind": correction.kind,
        "before": numbers[correction.before_id],
        "after": numbers[correction.after_id],
        "text": correction.text,
        "published": moment(correction.created_at),
    }


def _front_matter(revision: Revision) -> dict[str, Any]:
    return {
        "title": revision.title,
        "standfirst": revision.standfirst,
        "description": revision.description,
        "byline": revision.byline,
        "based_on": revision.based_on and revision.based_on.number,
        "written": moment(revision.created_at),
        "what_changed": revision.summary,
        "significance": revision.significance,
        "submitted": moment(revision.submitted_at),
        "approved": moment(revision.approved_at),
        "live": moment(revision.go_live_at),
    }


def _passages(article: Article) -> Iterator[dict[str, Any]]:
    for revision in article.revisions.order_by("number").prefetch_related("passages"):
        found = [[passage.key, passage.text] for passage in revision.passages.all()]
        yield {"revision": revision.number, "passages": found}


def _day(day: object) -> str:
    return str(day) if day else ""
