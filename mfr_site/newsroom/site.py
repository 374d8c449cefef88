from typing import Any

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path


class Newsroom(AdminSite):
    """Django's admin in our colours, which opens on the desk."""

    site_title = site_header = f"{settings.SITE_NAME} newsroom"
    index_title = "Desk"
    index_template = "admin/desk.html"

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The site's one log-in: its limits and its second step (TRUST A36)."""
        login: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return login

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        # Not at the top: this module is loaded before the models are.
        from . import desk  # noqa: PLC0415

        context = {"trays": desk.trays_for(request.user), **(extra_context or {})}
        return super().index(request, context)

    def get_urls(self) -> list[Any]:
        from . import publish  # noqa: PLC0415

        publish_page = self.admin_view(publish.publish)
        return [
            path("publish/<int:pk>/", publish_page, name="publish"),
            *super().get_urls(),
        ]
