from typing import Any

from django.conf import settings
from django.contrib.flatpages.models import FlatPage
from django.db import models, transaction

from mfr_site.caching import bump
from mfr_site.markdown import RENDERER_VERSION

from .library import render_body


class StandingPage(FlatPage):
    """A flat page whose text editors write in Markdown: "About", "Privacy" and so on.

    The flat page itself holds the rendered HTML, so that Django's own view shows it.
    """

    source = models.TextField("text", help_text="Markdown.")
    description = models.CharField(
        max_length=160, blank=True, help_text="For search engines and shared links."
    )
    renderer_version = models.PositiveSmallIntegerField(default=0, editable=False)

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        self.content = render_body(self.source).html
        self.renderer_version = RENDERER_VERSION
        super().save(*args, **kwargs)
        if not self.sites.exists():
            self.sites.add(settings.SITE_ID)
        bump("pages")

    def render_again(self) -> None:
        self.save()

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        bump("pages")
        return super().delete(*args, **kwargs)
