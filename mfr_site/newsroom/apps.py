from django.apps import apps
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate

from .rights import grant

# A flat page's own form would write HTML past our renderer (see StandingPage), and our
# addresses come from SITE_URL alone.
NOT_EDITED = ["flatpages.FlatPage", "sites.Site"]


class NewsroomConfig(AdminConfig):
    default_site = "mfr_site.newsroom.site.Newsroom"

    def ready(self) -> None:
        super().ready()
        admin.site.unregister([apps.get_model(name) for name in NOT_EDITED])
        post_migrate.connect(grant, sender=self)
