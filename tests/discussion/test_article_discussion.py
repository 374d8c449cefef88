"""The discussion on its article's page: orders, nesting, tombstones, folding, new posts."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from discussion import placing, threads
from discussion.models import Anchor, Author, Dispute, PostCredential
from tests.discussion.sending import elsewhere, text
from tests.html import elements
from tests.make import make_article, make_author, make_post, make_quotation, revise

pytestmark = pytest.mark.django_db
ADDRESS = "/articles/fascia/"


@pytest.fixture
def article(db):
    return make_article("fascia")


def discussion(page):
    return text(page).split('id="discussion"')[1].split("</section>")[0]


def shown(page):
    """Numbers of the posts on a page, as they stand in its HTML."""
    return [int(n) for n in re.findall(r'<article id="post-(\d+)"', text(page))]


def nesting(tree):
    """The numbers, nested as the lists in the HTML are."""

    def of(node):
        found = []
        for item in node.findall("li"):
            post = item.find("article")
            found.append(int(post.get("id").removeprefix("post-")))
            found += [of(below) for below in item.findall("ol")]
        return found

    (outer,) = [node for node in elements(tree) if node.get("class") == "posts"]
    return of(outer)


def test_an_article_nobody_has_spoken_about(client, article, valid_html):
    page = client.get(ADDRESS)
    valid_html(page)
    assert "Nobody has written here yet" in discussion(page)
    assert '<form id="composer"' in discussion(page)
    assert "0 posts" in discussion(page)


def test_threads_nest_as_they_were_answered(client, article, valid_html):
    one = make_post(article)
    two = make_post(article, parent=one)
    make_post(article)
    make_post(article, parent=two)
    make_post(article, parent=one)
    tree = valid_html(client.get(ADDRESS))
    assert nesting(tree) == [3, 1, [2, [4], 5]]
    tree = valid_html(client.get(ADDRESS, {"order": "oldest"}))
    assert nesting(tree) == [1, [2, [4], 5], 3]
    tree = valid_html(client.get(ADDRESS, {"order": "flat"}))
    assert nesting(tree) == [1, 2, 3, 4, 5]


def test_a_heading_says_who_and_to_whom(client, article, maya):
    one = make_post(article, author=make_author(article, maya))
    make_post(article, "An answer.", parent=one, by_editor=True)
    page = discussion(client.get(ADDRESS))
    first, second = re.findall(r"<h3>(.*?)</h3>", page)[-2:]
    assert re.sub(r"<[^>]+>", "", first) == "Post 1 Maya Member"
    assert re.sub(r"<[^>]+>", "", second).startswith("Post 2 Anonymous ")
    assert "For the editors" in second
    assert second.endswith(
        'in reply to <a href="/articles/fascia/posts/1/">Post 1</a>'
        '<span class="vh">, level 2</span></span>'
    )


def test_a_post_says_where_it_was_answered_and_how_to_pass_over_it(client, article):
    one = make_post(article)
    make_post(article, parent=one)
    make_post(article, parent=one)
    make_post(article)
    page = discussion(client.get(ADDRESS, {"order": "oldest"}))
    assert 'Answered in <a href="#post-2">Post 2</a>, <a href="#post-3">3</a>' in page
    assert '<a class="vh" href="#post-4">Skip the replies to Post 1</a>' in page


def test_a_removed_post_keeps_its_place_and_number(client, article, valid_html):
    one = make_post(article, "A secret.")
    make_post(article, "An answer.", parent=one)
    one.delete_by_author()
    page = client.get(ADDRESS)
    assert nesting(valid_html(page)) == [1, [2]]
    assert "Post 1 was removed by its author" in discussion(page)
    assert "A secret." not in text(page)
    assert "?reply=1" not in text(page)
    assert "posts/1/report/" not in text(page)
    assert "1 post</p>" in discussion(page)


def test_a_long_thread_leads_on_to_its_own_page(
    client, article, monkeypatch, valid_html
):
    for module in (threads, placing):
        monkeypatch.setattr(module, "FOLD_AFTER", 3)
    one = make_post(article)
    two = make_post(article, parent=one)
    for parent in (two, two, one, one):
        make_post(article, parent=parent)
    page = client.get(ADDRESS)
    assert nesting(valid_html(page)) == [1, [2, [3]]]
    folds = re.findall(r'posts/(\d+)/thread/">(\d+) more repl', text(page))
    assert folds == [("2", "1"), ("1", "2")]


def test_every_post_is_found_by_the_links(client, article, monkeypatch):
    monkeypatch.setattr(threads, "PAGE", 3)
    for _ in range(8):
        make_post(article)
    for order in ("newest", "oldest", "flat"):
        seen, address = [], f"{ADDRESS}?order={order}"
        towards = "Older" if order == "newest" else "Newer"
        while address:
            page = client.get(address)
            assert '<nav class="sort" id="posts"' in text(page)  # below the composer
            seen += shown(page)
            found = re.search(rf'href="([^"]+)#posts">{towards} posts', text(page))
            address = found and found[1].replace("&amp;", "&")
        assert sorted(seen) == list(range(1, 9)), order


def test_what_is_new_since_a_number(client, article, valid_html):
    one = make_post(article, "A question.")
    make_post(article, "Something else.")
    make_post(article, "A late answer.", parent=one)
    page = client.get(ADDRESS, {"since": "2"})
    valid_html(page)
    assert shown(page) == [1, 3]
    assert 'class="post anon quiet-post"' in text(page)
    assert "These posts are new after Post 2" in text(page)
    assert f'href="{ADDRESS}?since=3#posts">this link</a>' in text(page)
    page = client.get(ADDRESS, {"since": "3"})
    valid_html(page)
    assert shown(page) == []
    assert "Nothing is new after Post 3" in text(page)


def test_a_quotation_leads_to_its_passage(client, article):
    passage = article.live.passages.get(text__contains="stretches")
    client.post(
        f"{ADDRESS}posts/",
        {"body": "I doubt it.", "as": "anonymous", "passage": passage.key},
    )
    page = text(client.get(ADDRESS))
    assert f'<a href="{ADDRESS}#p-{passage.key}">Nobody knows for sure.' in page
    assert f'id="p-{passage.key}"' in page


def test_a_closed_discussion_offers_nothing(client, article):
    make_post(article)
    article.discussion_open = False
    article.save()
    page = discussion(client.get(ADDRESS))
    assert "This discussion is closed" in page
    assert "<form" not in page
    assert "?reply=" not in page


def test_a_reader_gets_no_cookie_and_no_token(client, article):
    make_post(article)
    page = client.get(ADDRESS)
    assert not page.cookies
    assert "csrfmiddlewaretoken" not in text(page)
    assert page["Cache-Control"].startswith("public")


def test_a_member_is_offered_their_name(client, article, maya):
    client.force_login(maya)
    page = client.get(ADDRESS)
    assert "Post as Maya Member" in text(page)
    assert 'value="login"' not in text(page)
    assert page["Cache-Control"] == "private, no-store"
    assert "Maya" not in text(elsewhere().get(ADDRESS))


@pytest.mark.parametrize("query", ["order=best", "before=x", "after=-1", "since=1e9"])
def test_a_page_that_no_link_leads_to(client, article, query):
    assert client.get(f"{ADDRESS}?{query}").status_code == 404


@pytest.mark.parametrize("order", ["newest", "oldest", "flat", "passages", "disputes"])
def test_a_page_takes_six_queries_whatever_is_on_it(
    article, edda, order, django_assert_max_num_queries
):
    """With passages, disputes, their answers, corrections and related articles."""
    other = make_article("other")
    other.related_links.model.objects.pick(article, [other])
    client = Client()
    client.get(ADDRESS)  # what a process learns once
    for _ in range(2):
        parent = make_post(article, author=make_author(article, edda))
        make_post(article, parent=parent)
        make_quotation(article, "Fascia is thin tissue", parent=parent)
        answered = make_quotation(article, "Nobody knows", disputes=True).dispute
        answered.answer_with("Because nobody does.", edda)
        settled = make_quotation(article, "Some say it", disputes=True).dispute
        old = article.live
        new = revise(article, body=f"{old.body}\n\nMore.", summary="More is known.")
        settled.settle_by(new.correct(old, "More is known.", edda))
        with django_assert_max_num_queries(6):
            page = client.get(f"{ADDRESS}?order={order}")
        for told in "Corrections", "You might also like", "Answered, not changed":
            assert told.lower() in text(page).lower()


def test_no_name_or_quoted_word_is_ever_markup(client, article, maya, valid_html):
    """Whatever stands in the database: the thread's own template escapes it too."""
    attack = "<b onclick=alert(1)>&\"'"
    post = make_quotation(article, "Fascia is thin tissue", disputes=True)
    make_post(article, author=make_author(article, maya))
    Author.objects.filter(user=None).update(label=attack)
    User.objects.update(display_name=attack)
    Anchor.objects.update(exact=attack)
    PostCredential.objects.create(post=post, state="says", text=attack)
    correction = article.live.correct(article.live, attack, maya)
    Dispute.objects.update(
        state="corrected",
        answer_html="<p>No.</p>",
        answered_at=timezone.now(),
        answered_by=maya,
        correction=correction,
    )
    for query, times in ("", 6), ("?order=disputes", 5):
        page = client.get(f"{ADDRESS}{query}")
        valid_html(page)
        assert "<b onclick" not in text(page)
        assert discussion(page).count("&lt;b onclick") == times
