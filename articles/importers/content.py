"""The starter articles and what they draw on, from a folder of files (`content/`)."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from articles.models import (
    Article,
    Image,
    Related,
    Review,
    Revision,
    RevisionText,
    Source,
    StandingPage,
    Topic,
)
from articles.pictures import measure_drawing
from mfr_site.content_files import (
    ContentError,
    Loading,
    read_bytes,
    read_markdown,
    read_yaml,
)

UPDATED = "The text that comes with the site was updated."
# The day is what counts; noon is that day nearly everywhere.
NOON = time(12, tzinfo=UTC)
SOURCE_FIELDS = ("authors", "year", "title", "published_in", "doi", "url", "kind")

Row = TypeVar("Row", bound=models.Model)
New = tuple[Article, dict[str, Any]]


def load_articles(folder: Path, loading: Loading) -> None:
    """Load topics, sources, pictures, articles and standing pages. Raises ContentError."""
    _load_topics(folder / "topics.yaml", loading)
    changed = [
        *_load_sources(folder / "sources.yaml", loading),
        *_load_images(folder / "images", loading),
    ]
    # What is here already and names something that has just changed.
    for mark in changed:
        for revision in Revision.objects.filter(body__contains=mark):
            revision.render_again()
    paths = sorted((folder / "articles").glob("*.md"))
    with transaction.atomic():
        loaded = [_load_article(path, loading) for path in paths]
        # Only now, because articles name one another.
        for article, meta in filter(None, loaded):
            _add_details(article, meta)
    for path in sorted((folder / "pages").glob("*.md")):
        _load_page(path, loading)


def _load_topics(path: Path, loading: Loading) -> None:
    for position, topic in enumerate(read_yaml(path)):
        wanted = {**topic, "position": position}
        _put(loading, Topic, {"slug": wanted.pop("slug")}, wanted)


def _load_sources(path: Path, loading: Loading) -> Iterator[str]:
    for key, source in read_yaml(path).items():
        wanted = {name: str(source.get(name) or "") for name in SOURCE_FIELDS}
        if _put(loading, Source, {"key": key}, wanted):
            yield f"[^{key}]"


def _load_images(folder: Path, loading: Loading) -> Iterator[str]:
    """Our own drawings, which may be SVG because nobody but us has sent them."""
    for name, entry in read_yaml(folder / "images.yaml").items():
        svg = read_bytes(folder / entry.pop("file"))
        image = Image.objects.filter(name=name).first()
        wanted = {**entry, "file": f"images/{name}-{measure_drawing(svg).digest}.svg"}
        current = {key: str(getattr(image, key)) for key in wanted} if image else None
        with transaction.atomic():
            if loading.may_write("image", name, current, wanted):
                image = image or Image(name=name)
                image.take_drawing(svg)
                _save(image, entry)
                yield f"](image:{name} "


def _load_article(path: Path, loading: Loading) -> New | None:
    """One article's text. Answers the article and its front matter when it is new."""
    meta, body = read_markdown(path, ["title", "standfirst", "published", "topics"])
    ref = f"content/{path.stem}"
    article = Article.objects.filter(import_ref=ref).first()
    text = RevisionText(
        title=meta["title"],
        standfirst=meta["standfirst"],
        description=meta.get("description", ""),
        byline=meta.get("byline", "The editors"),
        body=body,
    )
    current = article.latest.texts if article else None
    if not loading.may_write("article", path.stem, current, text):
        return None
    if article:
        revision = article.revise(
            None, based_on=article.latest, summary=UPDATED, **text
        )
        revision.approve(None)
        return None
    topics = _found(Topic, meta["topics"], path.stem)
    revision = Article.objects.begin(
        path.stem, None, topics=topics, import_ref=ref, **text
    )
    revision.approve_as_of(datetime.combine(meta["published"], NOON))
    return revision.article, meta


def _add_details(article: Article, meta: Mapping[str, Any]) -> None:
    """What is the editors' from the first day: what is picked, featured and reviewed."""
    article.featured = meta.get("featured", False)
    article.review_months = meta.get("review_months", article.review_months)
    article.save(update_fields=["featured", "review_months"])
    Related.objects.pick(
        article, _found(Article, meta.get("related", []), article.slug)
    )
    revision = article.latest
    Related.objects.refresh(revision)
    if "last_reviewed" in meta:
        article.record_review(
            Review(
                revision=revision,
                kind=Review.Kind.EDITORIAL,
                on=min(meta["last_reviewed"], timezone.localdate()),
                reviewer_name=revision.byline,
            )
        )


def _load_page(path: Path, loading: Loading) -> None:
    meta, body = read_markdown(path, ["title"])
    wanted = {
        "title": meta["title"],
        "description": meta.get("description", ""),
        "source": body,
    }
    _put(loading, StandingPage, {"url": f"/{path.stem}/"}, wanted)


def _found(model: type[Row], slugs: list[str], where: str) -> list[Row]:
    """The rows with these slugs, in this order. Raises ContentError."""
    rows = model._default_manager.in_bulk(slugs, field_name="slug")
    if missing := set(slugs) - rows.keys():
        raise ContentError(f"{where}: there is no {', '.join(missing)}")
    return [rows[slug] for slug in slugs]


def _put(
    loading: Loading,
    model: type[models.Model],
    key: dict[str, str],
    wanted: Mapping[str, Any],
) -> bool:
    """Make or update the row with this key. Answers whether anything was written."""
    row = model._default_manager.filter(**key).first()
    current = {name: getattr(row, name) for name in wanted} if row else None
    kind, name = model._meta.verbose_name, next(iter(key.values()))
    with transaction.atomic():
        if not loading.may_write(str(kind), name, current, wanted):
            return False
        _save(row or model(**key), wanted)
    return True


def _save(row: models.Model, fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
    try:
        row.full_clean()
    except ValidationError as error:
        raise ContentError(f"{row}: {error}") from error
    row.save()
