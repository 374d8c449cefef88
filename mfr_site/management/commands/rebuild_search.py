from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand

from articles.models import Revision
from discussion.models import Post
from mfr_site import full_text

CHUNK = 500


class Command(BaseCommand):
    help = "Make the search anew from the texts. Searches go on with the old one meanwhile."

    def handle(self, *args: Any, **options: Any) -> None:
        revisions = Revision.objects.findable().iterator(CHUNK)
        posts = Post.objects.findable().prefetch_related("updates").iterator(CHUNK)
        total = full_text.rewrite(
            chain(
                (revision.as_search_entry() for revision in revisions),
                (post.as_search_entry() for post in posts),
            )
        )
        self.stdout.write(f"{total} texts can be found.")
