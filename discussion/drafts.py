"""A text that waits while its writer logs in: in their session, for an hour at most.

A second factor or an unconfirmed address can come between, so the form cannot carry it.
"""

import time
from typing import Any

from django.http import HttpRequest

from articles.models import Article
from mfr_site.caching import has_session

from .forms import PostForm

NAME = "draft"
SECONDS = 3600
# Never a password or a key.
FIELDS = ("body", "seen", "reply", "passage", "quote", "disputes", "token")


def keep(request: HttpRequest, form: PostForm) -> None:
    fields = {name: form.data.get(name, "") for name in FIELDS}
    request.session[NAME] = {
        "article": form.article.pk,
        "until": time.time() + SECONDS,
        "fields": fields,
    }


def of(request: HttpRequest, article: Article) -> dict[str, Any]:
    """The fields of a text that waits for this article, or nothing."""
    draft = request.session.get(NAME) if has_session(request) else None
    if not draft or draft["article"] != article.pk or draft["until"] < time.time():
        return {}
    fields: dict[str, Any] = draft["fields"]
    return fields


def drop(request: HttpRequest) -> None:
    request.session.pop(NAME, None)
