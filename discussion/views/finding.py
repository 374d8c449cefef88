"""Finding what an address names, for whoever asks."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import cache_control

from articles.models import Article
from discussion.authors import Speaker, remember
from discussion.models import Post

View = Callable[..., HttpResponse]

# For pages that are somebody's own.
private = cache_control(private=True, no_store=True)


def with_article(view: View) -> View:
    """Give a view the article that the address names, if readers may see it.

    An address from before a change of slug leads on; what is sent there is taken, so
    that a form which was open meanwhile loses nothing.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponse:
        published = Article.objects.published()
        try:
            article = published.get(slug=slug)
        except Article.DoesNotExist:
            article = get_object_or_404(published, old_slugs__slug=slug)
            if request.method in {"GET", "HEAD"}:
                address = request.get_full_path().replace(slug, article.slug, 1)
                response = redirect(address, permanent=True)
                if key := Speaker.of(request, article).key:
                    # The browser keeps it for the former address alone.
                    remember(response, article, key)
                return response
        return view(request, article, **kwargs)

    return wrapped


def own_post(
    request: HttpRequest, *, slug: str = "", number: int = 0, pk: int = 0
) -> tuple[Post, Speaker]:
    """A post of whoever asks, and who they are.

    By its public address, with the account or the key that the browser keeps for the
    discussion; or by `pk`, under /manage/. Raises Http404 for everybody else.
    """
    posts = Post.objects.select_related("article", "author__user", "author__key")
    which = {"pk": pk} if pk else {"article__slug": slug, "number": number}
    post = get_object_or_404(posts, **which)
    who = Speaker.at_manage if pk else Speaker.of
    speaker = who(request, post.article)
    if not speaker.owns(post):
        raise Http404("not theirs")
    return post, speaker


def rights(post: Post, speaker: Speaker) -> dict[str, bool]:
    """What the speaker may do with a post of theirs now; nothing with anybody else's."""
    author = speaker.author_of(post)
    if author is None:
        return {}
    return {
        "edit": post.can_be_edited_by(author),
        "update": post.can_be_updated_by(author),
        "delete": post.can_be_deleted_by(author),
    }
