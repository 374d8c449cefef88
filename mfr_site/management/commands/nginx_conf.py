from argparse import ArgumentParser
from pathlib import Path
from re import escape
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template import Context, Engine

from articles.pictures import MAX_BYTES
from mfr_site.middleware import constant_headers
from mfr_site.page_cache import KNOWN_QUERY, usual_headers
from mfr_site.page_files import PATH
from mfr_site.views import PICTURE_POLICY

TEMPLATE = settings.BASE_DIR / "deploy" / "nginx.conf"
BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")


class Command(BaseCommand):
    help = "Print nginx's whole configuration for this site, as its settings have it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--listen", help="address and port; 80, with --tls 443")
        parser.add_argument(
            "--tls",
            metavar="FOLDER",
            help="folder of fullchain.pem and privkey.pem; plain requests are then "
            "sent to SITE_URL",
        )
        parser.add_argument(
            "--site",
            default=f"127.0.0.1:{settings.PORT}",
            help="where gunicorn listens (%(default)s)",
        )
        parser.add_argument(
            "--run",
            default="/run/nginx-site",
            help="nginx's own folder, in memory (%(default)s)",
        )
        parser.add_argument(
            "--log",
            default="/var/log/nginx/failures.log",
            help="where failures are written (%(default)s)",
        )

    def handle(self, **options: Any) -> None:
        proxies = settings.TRUSTED_PROXY_COUNT
        if proxies < 1:
            raise CommandError("Set TRUSTED_PROXY_COUNT=1: nginx is a proxy in front.")
        if settings.HTTPS and proxies == 1 and not options["tls"]:
            raise CommandError(
                "SITE_URL is https: name the certificate's folder with --tls, or count "
                "the proxy that has it in TRUSTED_PROXY_COUNT."
            )
        text = Engine().from_string(TEMPLATE.read_text())
        context = {**options, **from_settings(), "plain": "80"}
        context["listen"] = options["listen"] or ("443" if options["tls"] else "80")
        self.stdout.write(text.render(Context(context, autoescape=False)), ending="")


def from_settings() -> dict[str, Any]:
    """What nginx has to know of the site: said once, in the settings and the code."""
    headers = constant_headers(settings.HTTPS)
    is_outermost = settings.TRUSTED_PROXY_COUNT == 1
    return {
        "proxies": settings.TRUSTED_PROXY_COUNT,
        "proto": "$scheme" if is_outermost else "$http_x_forwarded_proto",
        "forwarded_for": (
            "$remote_addr" if is_outermost else "$proxy_add_x_forwarded_for"
        ),
        "brotli": BROTLI if BROTLI.exists() else None,
        "max_body": settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        "max_upload": MAX_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        "address": settings.SITE_URL,
        "cookies": "|".join(
            map(escape, [*settings.PERSONAL_COOKIES, settings.CSRF_COOKIE_NAME])
        ),
        "files": settings.PAGE_FILES,
        "path": PATH,
        "query": KNOWN_QUERY,
        "headers": headers,
        "page_headers": usual_headers(),
        "picture_headers": {**headers, "Content-Security-Policy": PICTURE_POLICY},
        "static_url": settings.STATIC_URL,
        "static_root": settings.STATIC_ROOT,
        "media_url": settings.MEDIA_URL,
        "media_root": settings.MEDIA_ROOT,
        "deploy": TEMPLATE.parent,
    }
