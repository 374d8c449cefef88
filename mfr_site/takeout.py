"""What somebody takes away: their data as JSON for machines and as a page for people."""

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse
from django.template.defaultfilters import linebreaksbr
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

# Its names are words, because people read them.
Data = Mapping[str, Any]
ONE_A_DAY = "You can have one copy a day. You can make the next in {wait}."


def archive(data: Data) -> HttpResponse:
    """The answer to a POST: a ZIP file with `my-data.json` and `my-data.html`."""
    whole = {"site": settings.SITE_URL, "made": timezone.now(), **data}
    text = json.dumps(whole, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
    page = render_to_string(
        "takeout/page.html",
        {"content": _html(json.loads(text)), "site_name": settings.SITE_NAME},
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("my-data.json", text)
        file.writestr("my-data.html", page)
    response = HttpResponse(buffer.getvalue(), content_type="application/zip")
    response["Content-Disposition"] = 'attachment; filename="my-data.zip"'
    response["Cache-Control"] = "private, no-store"
    return response


def _html(value: Any) -> SafeString:
    """A value as people read it: groups and lists nested, texts as they were written."""
    if isinstance(value, dict):
        pairs = ((name.capitalize(), _html(inner)) for name, inner in value.items())
        lines = format_html_join("\n", "<dt>{}</dt><dd>{}</dd>", pairs)
        return format_html("<dl>{}</dl>", lines)
    if isinstance(value, list) and value:
        lines = format_html_join("\n", "<li>{}</li>", ((_html(one),) for one in value))
        return format_html("<ol>{}</ol>", lines)
    return format_html("{}", linebreaksbr(_words(value)))


def _words(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value in (None, "", []) else value
