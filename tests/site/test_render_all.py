import re
from io import StringIO

import pytest
from django.core.management import call_command

from articles.models import Article, Revision, StandingPage
from discussion.models import Post
from mfr_site.models import PageVersion
from tests.make import make_article, make_post, revise

pytestmark = pytest.mark.django_db


def render_all(*options):
    out = StringIO()
    call_command("render_all", *options, stdout=out)
    return out.getvalue()


@pytest.fixture
def article(edda):
    article = make_article()
    revise(article, body="Another body.")
    post = make_post(article, "**Bold**")
    post.append_update("*More*")
    StandingPage(url="/about/", title="About", source="We *are*.").save()
    return article


def spoil(version):
    """As an older renderer may have left everything."""
    for model in (Revision, Post, StandingPage):
        name = "content" if model is StandingPage else "html"
        model.objects.update(**{name: "old", "renderer_version": version})


def test_what_an_older_renderer_made_is_made_anew(article):
    keys = [passage.key for passage in article.live.passages.all()]
    before = PageVersion.objects.get(tag=article.page_tag).version
    spoil(version=0)
    out = render_all()
    assert out == "revisions: 2\nstanding pages: 1\nposts: 1\n"
    assert Article.objects.get().live.html.startswith(f'<p id="p-{keys[0]}">Another')
    assert Revision.objects.get(number=1).html.startswith("<p id=")
    assert Post.objects.get().html == "<p><strong>Bold</strong></p>\n"
    assert Post.objects.get().updates.get().html == "<p><em>More</em></p>\n"
    assert StandingPage.objects.get().content == "<p>We <em>are</em>.</p>"
    assert PageVersion.objects.get(tag=article.page_tag).version > before
    assert render_all() == "revisions: 0\nstanding pages: 0\nposts: 0\n"


def test_a_heading_that_was_stored_without_its_link_gets_one(client):
    article = make_article(body="## How it works\n\nSlowly.")
    key = article.live.passages.get(text="How it works").key
    stored = re.sub(
        "<div.*?</div>", f'<h2 id="p-{key}">How it works</h2>', article.live.html
    )
    Revision.objects.update(html=stored, renderer_version=1)
    link = f'/passages/{key}/"'
    assert link not in client.get(article.get_absolute_url()).content.decode()
    render_all()
    assert link in client.get(article.get_absolute_url()).content.decode()


def test_what_the_present_renderer_made_is_left_unless_all_is_asked_for(article):
    spoil(version=99)
    render_all()
    assert Post.objects.get().html == "old"
    render_all("--all")
    assert Post.objects.get().html != "old"


def test_erased_posts_stay_erased(article):
    Post.objects.get().delete_by_author()
    render_all("--all")
    assert Post.objects.get().html == ""


def test_an_old_text_does_not_come_back_into_the_search(article):
    render_all("--all")
    assert Article.objects.search("fascia").total == 0
    assert Article.objects.search("another").total == 1
