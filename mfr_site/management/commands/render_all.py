from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from articles.models import Revision, StandingPage
from discussion.models import Post
from mfr_site.markdown import RENDERER_VERSION


class Command(BaseCommand):
    help = (
        "Render every text that an older renderer has made. Each is written by itself,"
        " so it can be stopped, and run again, at any time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--all", action="store_true", help="also what the present renderer made"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        older = {} if options["all"] else {"renderer_version__lt": RENDERER_VERSION}
        for rows in (
            Revision.objects.filter(**older),
            StandingPage.objects.filter(**older),
            Post.objects.exclude(source="").filter(**older),
        ):
            # Ids first: a row that is read while another is written could be missed.
            ids = list(rows.order_by("pk").values_list("pk", flat=True))
            for pk in ids:
                rows.model.objects.get(pk=pk).render_again()
            self.stdout.write(f"{rows.model._meta.verbose_name_plural}: {len(ids)}")
