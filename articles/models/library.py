"""What articles draw on: pictures and sources, and how they stand in a text."""

import re
from datetime import date

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.db import models, transaction

from articles import pictures
from mfr_site.markdown import Picture, Rendered, render_trusted

# A long list of authors hides the title; three names find the work (NHS style).
MAX_AUTHORS = 3


class ImageQuerySet(models.QuerySet["Image"]):
    def picture(self, name: str) -> Picture | None:
        """What a figure needs to know of the picture with this name."""
        image = self.filter(name=name).first()
        return image.as_picture() if image else None


class Image(models.Model):
    """A picture that articles show as `![alt](image:name "Caption.")`."""

    name = models.SlugField(max_length=80, unique=True)
    file = models.FileField(upload_to="images/")
    alt = models.TextField(
        "text alternative",
        max_length=500,
        help_text="What a reader who cannot see it needs.",
    )
    credit = models.CharField(max_length=200)
    caption = models.CharField(max_length=300, blank=True)
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    uploaded_at = models.DateTimeField(auto_now_add=True)

    objects = ImageQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at"]
        verbose_name = "picture"

    def __str__(self) -> str:
        return self.name

    def take_upload(self, file: File[bytes]) -> None:
        """Make the picture that somebody sent this one's file. Save it afterwards.

        Raises ValidationError when it is no picture that we take (`pictures.encode`).
        """
        self._take(pictures.encode(file))

    def take_drawing(self, svg: bytes) -> None:
        """Make an SVG this one's file, as it is. Only for drawings shipped with the code.

        An SVG can hold scripts, so nobody may upload one.
        """
        self._take(pictures.measure_drawing(svg))

    def take_stored(self, encoded: pictures.Encoded) -> None:
        """Make this one's file what another site of ours had stored, byte by byte."""
        self._take(encoded)

    def _take(self, encoded: pictures.Encoded) -> None:
        # The digest makes the address new whenever the picture is, so that it may be
        # kept for ever; the name is ours, never the uploader's.
        name = f"{self.name}-{encoded.digest}{encoded.suffix}"
        self.width, self.height = encoded.width, encoded.height
        if self.file.name == f"images/{name}":
            return
        if self.file.storage.exists(f"images/{name}"):
            self.file.name = f"images/{name}"
        else:
            self.file.save(name, ContentFile(encoded.content), save=False)

    def as_markdown(self) -> str:
        """How a text shows this picture."""
        caption = f' "{self.caption}"' if self.caption else ""
        return f"![{plain(self.alt)}](image:{self.name}{caption})"

    def as_picture(self) -> Picture:
        return Picture(
            url=self.file.url,
            alt=self.alt,
            credit=self.credit,
            width=self.width,
            height=self.height,
        )


class SourceQuerySet(models.QuerySet["Source"]):
    def reference(self, key: str) -> str | None:
        """The Markdown of the source with this key, as it stands under an article."""
        source = self.filter(key=key).first()
        return source.as_reference() if source else None

    def in_order_of(self, keys: list[str]) -> list["Source"]:
        found = self.in_bulk(keys, field_name="key")
        return [found[key] for key in keys if key in found]


class Source(models.Model):
    """A reference, kept once and cited in any article as `[^key]`."""

    class Kind(models.TextChoices):
        SYSTEMATIC_REVIEW = "systematic-review", "Systematic review"
        TRIAL = "trial", "Randomised trial"
        OBSERVATIONAL = "observational", "Observational study"
        LABORATORY = "laboratory", "Laboratory or modelling study"
        GUIDELINE = "guideline", "Guideline"
        OPINION = "opinion", "Expert opinion"
        PAGE = "page", "Web page"

    key = models.SlugField(max_length=60, unique=True)
    authors = models.CharField(max_length=400, blank=True)
    year = models.CharField(max_length=12, blank=True)
    title = models.CharField(max_length=400)
    published_in = models.CharField(max_length=300, blank=True)
    doi = models.CharField("DOI", max_length=120, blank=True)
    url = models.URLField("address", max_length=400, blank=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    dead_since = models.DateField(
        null=True, blank=True, help_text="Since when the address has not answered."
    )

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return f"{self.key}: {self.title}"

    @property
    def href(self) -> str:
        return f"https://doi.org/{self.doi}" if self.doi else self.url

    def as_reference(self) -> str:
        """Authors, year, linked title, journal and kind, as Markdown."""
        title = plain(self.title).rstrip(".")
        linked = self.href and not self.dead_since
        parts = [
            plain(" ".join(filter(None, [self._short_authors(), self._in_brackets()]))),
            f"[{title}](<{self.href}>)" if linked else title,
            f"*{plain(self.published_in)}*" if self.published_in else "",
            self.get_kind_display(),
        ]
        if self.dead_since:
            parts.append(
                f"Its address stopped answering on {self.dead_since:%-d %B %Y}"
            )
        return " ".join(f"{part}." for part in parts if part).replace("..", ".")

    @transaction.atomic
    def mark_dead(self, on: date) -> None:
        """Its address no longer answers: no text links to it, and reviews are due soon."""
        self.dead_since = on
        self.save(update_fields=["dead_since"])
        self.cited_in.current().render_again()
        for revision in self.cited_in.live().select_related("article"):
            revision.article.bring_review_forward(f"The source “{self.key}” is gone.")

    @transaction.atomic
    def mark_found(self) -> None:
        """Its address answers again, or is another one now."""
        self.dead_since = None
        self.save(update_fields=["dead_since"])
        self.cited_in.current().render_again()

    def _short_authors(self) -> str:
        names = [name.strip() for name in self.authors.split(",") if name.strip()]
        if len(names) <= MAX_AUTHORS + 1:
            return ", ".join(names)
        return ", ".join([*names[:MAX_AUTHORS], "and others"])

    def _in_brackets(self) -> str:
        return f"({self.year})" if self.year else ""


# What a backslash makes plain in Python-Markdown with tables, and what HTML reads.
PLAIN_SIGNS = str.maketrans(
    {sign: f"\\{sign}" for sign in "\\`*_{}[]#!|"}
    | {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
)
# A line that would begin a list, or make the line above a heading.
MARKER = re.compile(r"^(?=[-+])|(?<=^\d)(?=[.)])|(?<=^\d\d)(?=[.)])", re.MULTILINE)


def plain(words: str) -> str:
    """Words as Markdown that means just these words."""
    return MARKER.sub(r"\\", words.translate(PLAIN_SIGNS))


def render_body(body: str) -> Rendered:
    """An editor's Markdown as readers will see it, with its pictures and sources."""
    return render_trusted(
        body,
        references=Source.objects.reference,
        image=Image.objects.picture,
        host=settings.SITE_HOST,
    )
