"""Writing an article in the newsroom: the screen, its list and what saving does."""

import pytest
from django.urls import reverse

from articles.models import Article, Topic
from mfr_site.models import PageVersion
from tests.make import make_article, make_draft, revise

pytestmark = pytest.mark.django_db

ADD = "/admin/articles/article/add/"
INLINE = {
    "related_links-TOTAL_FORMS": "0",
    "related_links-INITIAL_FORMS": "0",
    "related_links-MIN_NUM_FORMS": "0",
    "related_links-MAX_NUM_FORMS": "1000",
}
TEXT = {
    "title": "Rollers and balls",
    "standfirst": "What you can try at home.",
    "description": "",
    "byline": "The editors",
    "body": "Roll slowly.\n\nStop when it hurts.",
    "review_months": "24",
    "discussion_open": "on",
    "then": "",
}


def address(article, name="change"):
    return reverse(f"admin:articles_article_{name}", args=[article.pk])


def written(article, **changes):
    """What the screen of an article sends when nothing but `changes` was typed."""
    latest = article.latest
    based_on = {"based_on": str(latest.number), "significance": "content"}
    return {**INLINE, **TEXT, **latest.texts, **based_on, "summary": "", **changes}


@pytest.fixture
def newsroom(client, edda):
    client.force_login(edda)
    return client


def test_a_new_article_is_a_draft(newsroom, edda):
    response = newsroom.post(ADD, {**INLINE, **TEXT})
    article = Article.objects.get()
    assert response.url == address(article)
    assert article.slug == "rollers-and-balls"
    assert article.latest.author == edda
    assert article.live is None


def test_topics_and_related_articles_are_kept(newsroom):
    topic = Topic.objects.create(slug="self-care", title="Self-care", description="d")
    other, another = make_article("other"), make_article("another")
    picked = {
        **INLINE,
        "related_links-TOTAL_FORMS": "2",
        "related_links-0-other": other.pk,
        "related_links-0-position": "2",
        "related_links-1-other": another.pk,
        "related_links-1-position": "1",
    }
    newsroom.post(ADD, {**picked, **TEXT, "topics": [topic.pk]})
    article = Article.objects.get(slug="rollers-and-balls")
    assert list(article.topics.all()) == [topic]
    links = article.related_links.filter(picked=True)
    assert [link.other for link in links] == [another, other]


def test_a_draft_is_called_by_its_title(newsroom):
    response = newsroom.post(ADD, {**INLINE, **TEXT}, follow=True)
    page = response.content.decode()
    assert "“Rollers and balls”" in page
    assert "“rollers-and-balls”" not in page
    assert "<title>Rollers and balls" in page


def test_an_address_that_was_taken_is_refused(newsroom):
    make_article("rollers-and-balls")
    response = newsroom.post(ADD, {**INLINE, **TEXT})
    assert "An article has or had this address." in response.content.decode()
    assert Article.objects.count() == 1


def test_saving_makes_a_new_revision_and_changes_no_old_one(newsroom, edda):
    article = make_article("fascia")
    live = article.live
    body = live.body + "\n\nOne thing more."
    newsroom.post(address(article), written(article, body=body, summary="More."))
    latest = article.latest
    assert (latest.number, latest.body, latest.author) == (2, body, edda)
    assert (latest.summary, latest.based_on) == ("More.", live)
    assert Article.objects.get().live == live


def test_saving_the_same_text_makes_no_revision(newsroom):
    article = make_article("fascia")
    newsroom.post(address(article), written(article, featured="on"))
    article.refresh_from_db()
    assert article.featured
    assert article.revisions.count() == 1


def test_what_readers_see_of_topics_is_never_stale(newsroom):
    article = make_article("fascia")
    before = PageVersion.objects.get(tag=article.page_tag).version
    newsroom.post(address(article), written(article, featured="on"))
    assert PageVersion.objects.get(tag=article.page_tag).version > before


def test_saving_never_touches_the_post_numbers(newsroom):
    article = make_article("fascia")
    page = newsroom.get(address(article))
    assert page.status_code == 200
    Article.objects.update(last_post_number=7)
    newsroom.post(address(article), written(article, featured="on"))
    article.refresh_from_db()
    assert article.last_post_number == 7


def test_readers_are_told_what_changed(newsroom):
    article = make_article("fascia")
    response = newsroom.post(address(article), written(article, body="Other words."))
    assert "Say in one sentence what changed." in response.content.decode()
    assert article.revisions.count() == 1


def test_a_typing_mistake_needs_no_telling(newsroom):
    article = make_article("fascia")
    change = written(article, body="Other words.", significance="typo")
    newsroom.post(address(article), change)
    assert article.latest.significance == "typo"


def test_two_editors_at_once_lose_nothing(newsroom, edda):
    article = make_article("fascia")
    mine = written(article, body="These are my words.", summary="Mine.")
    revise(article, by=edda, body="Those are her words.", summary="Hers.")
    response = newsroom.post(address(article), mine)
    page = response.content.decode()
    assert "Edda Editor saved revision 2 while you were writing" in page
    assert "These are my words." in page
    assert "<del>" in page and "Those" in page
    assert 'name="based_on" value="2"' in page
    assert article.revisions.count() == 2


def test_after_a_conflict_saving_again_puts_the_text_on_top(newsroom):
    article = make_article("fascia")
    mine = written(article, body="These are my words.", summary="Mine.")
    theirs = revise(article, body="Those are her words.", summary="Hers.")
    newsroom.post(address(article), {**mine, "based_on": "2"})
    assert article.latest.body == "These are my words."
    assert article.latest.based_on == theirs


def test_a_text_that_is_too_long_comes_back(newsroom):
    article = make_article("fascia")
    body = "long " * 13_000
    response = newsroom.post(address(article), written(article, body=body))
    page = response.content.decode()
    assert "Ensure this value has at most 60000 characters" in page
    assert page.count("long") >= 13_000


def test_control_characters_are_dropped(newsroom):
    newsroom.post(ADD, {**INLINE, **TEXT, "body": "Roll\x07 slowly.\u202e"})
    assert Article.objects.get().latest.body == "Roll slowly."


@pytest.mark.parametrize(
    ("then", "name"),
    [("publish", "publish"), ("submit", "articles_article_submit")],
)
def test_each_button_leads_on(newsroom, then, name):
    draft = make_draft("fascia")
    response = newsroom.post(address(draft.article), written(draft.article, then=then))
    assert response.url == reverse(f"admin:{name}", args=[draft.pk])


def test_an_article_cannot_be_deleted(newsroom):
    article = make_article("fascia")
    assert newsroom.post(address(article, "delete")).status_code == 403
    assert Article.objects.exists()


def test_fields_that_are_not_on_the_screen_are_ignored(newsroom):
    article = make_article("fascia")
    extra = {"slug": "other", "withdrawn_at": "2026-01-01", "post_count": "9"}
    newsroom.post(address(article), written(article, **extra))
    article.refresh_from_db()
    assert (article.slug, article.withdrawn_at, article.post_count) == (
        "fascia",
        None,
        0,
    )


@pytest.mark.parametrize("state", ["published", "unpublished", "withdrawn", ""])
def test_the_list_can_be_narrowed(newsroom, edda, state):
    made = {"published": make_article("a", title="Live one")}
    made["unpublished"] = make_draft("b", title="New one").article
    made["withdrawn"] = make_article("c", title="Gone one")
    made["withdrawn"].withdraw(edda, "Wrong.")
    page = newsroom.get(f"/admin/articles/article/?state={state}").content.decode()
    shown = [name for name, article in made.items() if article.latest.title in page]
    assert shown == ([state] if state else list(made))


def test_the_list_costs_the_same_for_many(newsroom, django_assert_max_num_queries):
    for number in range(12):
        make_article(f"article-{number}")
    with django_assert_max_num_queries(14):
        newsroom.get("/admin/articles/article/")


@pytest.mark.parametrize("path", [ADD, "/admin/articles/article/"])
def test_others_have_no_business_here(client, maya, path):
    assert "/admin/login/" in client.get(path).url
    client.force_login(maya)
    assert client.get(path).status_code in {302, 403}


def test_the_screen_shows_where_the_text_stands(newsroom):
    article = make_article("fascia")
    article.revise(None, based_on=article.latest, body="A draft.", summary="S.")
    page = newsroom.get(address(article)).content.decode()
    assert "A draft: revision 2" in page
    assert "The text cites no source." in page


@pytest.mark.parametrize("path", ["add", "change", "list"])
def test_the_pages_are_html(newsroom, valid_html, path):
    article = make_article("fascia")
    paths = {"add": ADD, "change": address(article), "list": "/admin/articles/article/"}
    valid_html(newsroom.get(paths[path]))
