from typing import Any

from django import template
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode

from articles.models import Article
from discussion.forms import PostForm
from mfr_site.caching import has_session

register = template.Library()


@register.simple_tag
def composer(article: Article) -> PostForm:
    """The empty composer of an article's discussion, the same for everybody."""
    return PostForm(article)


@register.simple_tag(takes_context=True)
def form_token(context: Context) -> Any:
    """The CSRF token, for members and for browsers that need one.

    A browser that says where a form comes from needs none (mfr_site/csrf.py). So people
    without an account get no cookie that they would send along while they read.
    """
    request = context["request"]
    if has_session(request) or "Sec-Fetch-Site" not in request.headers:
        return CsrfTokenNode().render(context)
    return ""
