from django.apps import AppConfig
from django.core import checks
from django.core.validators import EmailValidator

# Said wherever an address is typed: in our forms, allauth's and the newsroom's.
NO_EMAIL = "This is not a whole e-mail address. It should look like maya@example.org."


class SiteConfig(AppConfig):
    name = "mfr_site"
    verbose_name = "Site"

    def ready(self) -> None:
        from .checks import check_deployment, check_settings  # noqa: PLC0415

        EmailValidator.message = NO_EMAIL
        checks.register(check_settings)
        checks.register(check_deployment, deploy=True)
