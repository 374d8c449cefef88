"""Articles and what they draw on, from the files that `exporters.site` wrote.

What is not here is made as it was: with its numbers, times and passages. What is here
and the same is left alone; what is here and different is somebody else's work, and is
left alone and told.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model

from articles import pictures
from articles.exporters import site as exporter
from articles.models import (
    Article,
    Correction,
    Image,
    OldSlug,
    Related,
    Review,
    Revision,
    Source,
    StandingPage,
    Topic,
)
from mfr_site.caching import bump, bump_at
from mfr_site.export_folder import Folder, FolderError, digest, time, time_if_any
from mfr_site.import_report import ImportReport, Outcome

SUFFIXES = (".svg", ".webp")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Former:
    """A passage as it was elsewhere; see `articles.passages.Named`."""

    key: str
    text: str


class Library:
    """Topics, sources, pictures and standing pages. Without `commit` the caller undoes
    what is written, and no file is."""

    def __init__(self, folder: Folder, report: ImportReport, *, commit: bool) -> None:
        self.folder = folder
        self.report = report
        self.commit = commit

    def bring_in(self) -> None:
        """Raises FolderError."""
        for position, row in enumerate(self.folder.yaml("topics.yaml")):
            topic = Topic.objects.filter(slug=row["slug"]).first()
            now = topic and exporter.topic_row(topic)
            if self.is_new("topic", row["slug"], now, row):
                save(Topic(position=position, **row))
        for key, row in self.folder.yaml("sources.yaml").items():
            source = Source.objects.filter(key=key).first()
            here = source and exporter.source_row(source)
            if self.is_new("source", key, here, row):
                save(Source(key=key, **row))
        for name, row in self.folder.yaml("images/images.yaml").items():
            self._image(name, row)
        for name in self.folder.names("pages/"):
            self._page(name)

    def is_new(self, kind: str, name: str, now: object, wanted: object) -> bool:
        """Whether to make a thing, and tell what becomes of it. `now`: None, or what the
        thing of this name is here, as it would be exported."""
        if now is None:
            self.report.tell(kind, name, Outcome.NEW)
        elif now == wanted:
            self.report.tell(kind, name, Outcome.HERE)
        else:
            why = "here it is different, and stays as it is"
            self.report.tell(kind, name, Outcome.NOT_UNDERSTOOD, why)
        return now is None

    def _image(self, name: str, row: dict[str, Any]) -> None:
        image = Image.objects.filter(name=name).first()
        now = image and exporter.image_row(image)
        if not self.is_new("picture", name, now, row):
            return
        file = str(row["file"])
        if not file.endswith(SUFFIXES):
            raise FolderError(f"{file} is not a picture of ours.")
        fields = {key: row.get(key, "") for key in exporter.IMAGE_FIELDS}
        image = Image(name=name, **fields)
        if not self.commit:
            image.file.name = f"images/{file}"
        else:
            content = self.folder.bytes(f"images/{file}")
            suffix = file[file.rindex(".") :]
            size = fields["width"], fields["height"]
            image.take_stored(pictures.Encoded(content, suffix, *size))
        save(image)

    def _page(self, name: str) -> None:
        fields, text = self.folder.markdown(name)
        page = StandingPage.objects.filter(url=fields["url"]).first()
        now = digest(exporter.page_part(page)[1]) if page else None
        if self.is_new("page", fields["url"], now, self.folder.files[name]):
            save(StandingPage(source=text, **fields))


def save(row: Model) -> None:
    """Raises FolderError when no form would have let it through."""
    try:
        row.full_clean()
    except ValidationError as error:
        raise FolderError(f"{row._meta.verbose_name} {row}: {error}") from error
    row.save()


# --- One article


def write_article(folder: Folder, slug: str) -> tuple[Article, Row]:
    """Make an article with all its texts. Answers it and its own file.

    The caller is in a transaction, and has seen that the address is free.
    """
    said = folder.yaml(f"articles/{slug}/article.yaml")
    article = Article.objects.create(
        slug=slug,
        import_ref=said.get("ref"),
        featured=said.get("featured", False),
        review_months=said["review_months"],
        last_reviewed_on=_day(said.get("last_reviewed")),
        next_review_on=_day(said.get("next_review")),
        review_reason=said.get("review_reason", ""),
        discussion_open=not said.get("discussion_closed", False),
        withdrawn_at=time_if_any(said.get("withdrawn")),
        withdrawn_reason=said.get("withdrawn_reason", ""),
        created_at=time(said["created"]),
    )
    article.topics.set(Topic.objects.filter(slug__in=said.get("topics", [])))
    OldSlug.objects.bulk_create(
        OldSlug(article=article, slug=old) for old in said.get("old_slugs", [])
    )
    revisions = _write_revisions(folder, article)
    _write_record(article, said, revisions)
    article.set_first_published()
    bump(*article.tags_of_pages(), "discussion")
    for revision in revisions.values():
        if revision.is_scheduled and revision.go_live_at:
            bump_at(revision.go_live_at, *article.tags_of_pages(), "discussion")
    return article, said


def _write_revisions(folder: Folder, article: Article) -> dict[int, Revision]:
    start = f"articles/{article.slug}"
    keys = {
        row["revision"]: [Former(key, text) for key, text in row["passages"]]
        for row in folder.lines(f"{start}/passages.jsonl")
    }
    written: dict[int, Revision] = {}
    for name in folder.names(f"{start}/revisions/"):
        number = int(name.removesuffix(".md").rpartition("/")[2])
        fields, body = folder.markdown(name)
        revision = Revision(
            article=article,
            number=number,
            based_on=written.get(fields.get("based_on", 0)),
            title=fields.get("title", ""),
            standfirst=fields.get("standfirst", ""),
            description=fields.get("description", ""),
            byline=fields.get("byline", ""),
            body=body,
            created_at=time(fields["written"]),
            summary=fields.get("what_changed", ""),
            significance=fields["significance"],
            submitted_at=time_if_any(fields.get("submitted")),
            approved_at=time_if_any(fields.get("approved")),
            go_live_at=time_if_any(fields.get("live")),
        )
        revision.write(keys.get(number, []))
        written[number] = revision
    return written


def _write_record(
    article: Article, said: Row, revisions: Mapping[int, Revision]
) -> None:
    """Reviews and corrections, in their order."""
    for row in said.get("reviews", []):
        Review.objects.create(
            article=article,
            revision=revisions[row["revision"]],
            kind=row["kind"],
            on=date.fromisoformat(row["on"]),
            reviewer_name=row["name"],
            reviewer_role=row.get("role", ""),
            register_url=row.get("register_url", ""),
        )
    clinical = article.reviews.filter(kind=Review.Kind.CLINICAL)
    counted = [review for review in clinical if review.revision.was_public]
    if counted:
        article.clinical_review = counted[0]
        article.save(update_fields=["clinical_review"])
    for row in said.get("corrections", []):
        Correction.objects.create(
            article=article,
            kind=row["kind"],
            before=revisions[row["before"]],
            after=revisions[row["after"]],
            text=row["text"],
            created_at=time(row["published"]),
        )


def _day(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None


def pick_related(picked: Mapping[str, list[str]], is_new: Callable[..., bool]) -> None:
    """What editors picked for each article, when all are here."""
    articles = Article.objects.in_bulk(_named(picked), field_name="slug")
    for slug, others in picked.items():
        if slug not in articles:
            continue
        links = articles[slug].related_links.filter(picked=True)
        now = list(links.values_list("other__slug", flat=True)) or None
        if is_new("related to", slug, now, others):
            found = [articles[other] for other in others if other in articles]
            Related.objects.pick(articles[slug], found)


def _named(picked: Mapping[str, list[str]]) -> set[str]:
    return set(picked).union(*picked.values())


def find_related() -> None:
    """What is close to what, when the search knows all of them."""
    for live in Revision.objects.live().order_by("pk"):
        Related.objects.refresh(live)
