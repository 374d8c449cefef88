from django.apps import AppConfig
from django.core import checks


class SiteConfig(AppConfig):
    name = "mfr_site"
    verbose_name = "Site"

    def ready(self) -> None:
        from .checks import check_deployment, check_settings  # noqa: PLC0415

        checks.register(check_settings)
        checks.register(check_deployment, deploy=True)
