"""Order, paging, folding and nesting of a discussion."""

from urllib.parse import parse_qs

import pytest
from django.http import Http404, QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from discussion import placing, threads
from discussion.models import Post
from discussion.threads import Order
from tests.discussion.planting import plant
from tests.make import make_article, make_post

pytestmark = pytest.mark.django_db

# For each post the number of the one it answers, or 0 for a new thread.
trees = st.lists(st.integers(0, 400), max_size=60).map(
    lambda picks: [pick % (place + 1) for place, pick in enumerate(picks)]
)
# Mostly answers to the post before: deep branches.
deep_trees = st.lists(st.integers(0, 9), max_size=40).map(
    lambda picks: [place if pick else 0 for place, pick in enumerate(picks)]
)
ON_A_DATABASE = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def small_pages(monkeypatch):
    """Small enough that a few dozen posts fill many pages and fold."""
    monkeypatch.setattr(threads, "PAGE", 5)
    monkeypatch.setattr(threads, "BRANCH_PAGE", 4)
    for module in (threads, placing):
        monkeypatch.setattr(module, "FOLD_AFTER", 3)


@pytest.fixture
def article(db):
    return make_article()


def numbers(page):
    return [item.post.number for item in page.items if not item.is_context]


def follow(article, page, link):
    """All pages from one on, by the links of one direction."""
    seen = [page]
    while query := getattr(page, link):
        page = threads.page(article, QueryDict(query[1:]))
        seen.append(page)
        assert len(seen) < 200
    return seen


def start(article, order):
    return threads.page(article, QueryDict(f"order={order}"))


# --- Every post is reachable exactly once ---------------------------------------------


@ON_A_DATABASE
@given(parents=st.one_of(trees, deep_trees))
def test_older_links_lead_to_every_unfolded_post_once(article, small_pages, parents):
    plant(article, parents)
    unfolded = set(article.posts.unfolded().values_list("number", flat=True))

    pages = follow(article, start(article, Order.NEWEST), "older")

    found = [number for page in pages for number in numbers(page)]
    assert sorted(found) == sorted(unfolded)


@ON_A_DATABASE
@given(parents=st.one_of(trees, deep_trees))
def test_oldest_first_is_the_threads_of_newest_first_turned_round(
    article, small_pages, parents
):
    plant(article, parents)
    newest = [
        item.post
        for page in follow(article, start(article, Order.NEWEST), "older")
        for item in page.items
    ]

    oldest = [
        item.post
        for page in follow(article, start(article, Order.OLDEST), "newer")
        for item in page.items
    ]

    assert oldest == sorted(newest, key=lambda post: post.path)
    assert newest == sorted(newest, key=lambda post: (-post.root, post.path))


@ON_A_DATABASE
@given(parents=st.one_of(trees, deep_trees), order=st.sampled_from(list(Order)))
def test_the_way_back_passes_every_post_once_too(article, small_pages, parents, order):
    plant(article, parents)
    there, back = (
        ("newer", "older") if order is not Order.NEWEST else ("older", "newer")
    )
    forth = follow(article, start(article, order), there)

    returning = follow(article, forth[-1], back)

    assert sorted(n for page in returning for n in numbers(page)) == sorted(
        n for page in forth for n in numbers(page)
    )


@ON_A_DATABASE
@given(parents=trees, gaps=st.sets(st.integers(1, 60)))
def test_flat_pages_are_fixed_stretches_of_numbers(article, small_pages, parents, gaps):
    plant(article, parents)
    kept = [n for n in range(1, len(parents) + 1) if n not in gaps]
    article.posts.filter(number__in=gaps).update(
        number=None, root=None, path=None, state="held"
    )

    pages = follow(article, start(article, Order.FLAT), "newer")

    assert [n for page in pages for n in numbers(page)] == kept
    for page in pages:
        assert len({(n - 1) // threads.PAGE for n in numbers(page)}) <= 1


@ON_A_DATABASE
@given(parents=st.one_of(trees, deep_trees), pick=st.integers(0, 400))
def test_a_branch_is_all_that_was_said_below_a_post(
    article, small_pages, parents, pick
):
    posts = plant(article, parents)
    if not posts:
        return
    top = posts[pick % len(posts)]
    page = threads.branch(article, top.number)
    found = numbers(page)
    while page.newer:
        after = int(parse_qs(page.newer[1:])["after"][0])
        page = threads.branch(article, top.number, after)
        found += numbers(page)

    below = [post for post in posts if top.number in placing.numbers(post.path)]
    assert found == [post.number for post in sorted(below, key=lambda post: post.path)]


@ON_A_DATABASE
@given(parents=trees, seen=st.integers(0, 60))
def test_since_leads_to_everything_new_once_with_what_it_answers(
    article, small_pages, parents, seen
):
    plant(article, parents)
    page = threads.since(article, seen)
    found = []
    while True:
        shown = {item.post.number for item in page.items}
        assert all(
            item.post.parent_number in shown
            for item in page.items
            if item.post.parent_number and not item.is_context
        )
        found += sorted(numbers(page))
        if not page.newer:
            break
        page = threads.page(article, QueryDict(page.newer[1:]))

    assert found == list(range(seen + 1, len(parents) + 1))
    if found:
        assert page.bookmark == f"?since={len(parents)}"


# --- Pages ----------------------------------------------------------------------------


@ON_A_DATABASE
@given(parents=st.one_of(trees, deep_trees))
def test_a_page_holds_whole_threads_and_is_never_long(article, small_pages, parents):
    plant(article, parents)
    pages = follow(article, start(article, Order.NEWEST), "older")
    roots = [{item.post.root for item in page.items} for page in pages]

    assert all(
        len(page.items) <= threads.PAGE + placing.FOLD_AFTER - 1 for page in pages
    )
    assert sum(len(page) for page in roots) == len(set().union(*roots))


@ON_A_DATABASE
@given(parents=st.one_of(trees, deep_trees), order=st.sampled_from(list(Order)))
def test_where_names_a_page_that_shows_the_post(article, small_pages, parents, order):
    for post in plant(article, parents):
        address, _, fragment = threads.where(post, order).partition("#")
        path, _, query = address.partition("?")
        if path.endswith("/thread/"):
            page = threads.branch(article, int(path.split("/")[-3]))
        else:
            assert path == article.get_absolute_url()
            page = threads.page(article, QueryDict(query))
        assert post.number in numbers(page)
        assert fragment == f"post-{post.number}" or path.endswith("/thread/")


def test_an_address_that_no_link_of_ours_says_is_not_found(article):
    for query in (
        "order=best",
        "before=x",
        "after=-1",
        "since=1e3",
        "before=" + "9" * 9,
    ):
        with pytest.raises(Http404):
            threads.page(article, QueryDict(query))


def test_a_discussion_without_posts_has_one_empty_page(article):
    for order in Order:
        page = start(article, order)
        assert (page.items, page.newer, page.older) == ([], "", "")


def test_new_posts_do_not_move_what_a_link_shows(article, small_pages):
    plant(article, [0] * 12)
    link = start(article, Order.NEWEST).older
    before = numbers(threads.page(article, QueryDict(link[1:])))

    make_post(article)

    assert numbers(threads.page(article, QueryDict(link[1:]))) == before


def test_a_removed_post_keeps_its_place(article):
    plant(article, [0, 1, 2, 0], gone={2})

    assert numbers(start(article, Order.OLDEST)) == [1, 2, 3, 4]


def test_held_posts_are_on_no_page(article):
    plant(article, [0, 0])
    Post.objects.create(article=article, source="x", html="x")

    for order in Order:
        assert len(start(article, order).items) == 2


# --- Folding and nesting --------------------------------------------------------------


@ON_A_DATABASE
@given(parents=st.one_of(trees, deep_trees))
def test_an_unfolded_post_s_parent_is_unfolded(article, small_pages, parents):
    posts = {post.number: post for post in plant(article, parents)}

    assert all(
        not posts[post.parent_number].folded
        for post in posts.values()
        if post.parent_number and not post.folded
    )


@ON_A_DATABASE
@given(parents=st.one_of(trees, deep_trees))
def test_hidden_replies_are_told_once_and_all(article, small_pages, parents):
    posts = plant(article, parents)
    pages = follow(article, start(article, Order.NEWEST), "older")
    items = [item for page in pages for item in page.items]

    assert sum(item.hidden_replies for item in items) == sum(p.folded for p in posts)
    assert all(item.hidden_replies >= 0 for item in items)


def markup(items):
    """The lists of a page as a template writes them, with only the numbers inside."""
    written = ["<ol>"]
    for item in items:
        written += ["<ol>"] * item.opens + [f"<li>{item.post.number}"]
        written += ["</li>"] * item.ends + ["</ol></li>"] * len(item.closes)
    return "".join([*written, "</ol>"])


def nested(posts, top=None):
    """The same from the tree itself."""
    inside = "".join(
        f"<li>{post.number}{nested(posts, post.number)}</li>"
        for post in posts
        if post.parent_number == top
    )
    return f"<ol>{inside}</ol>" if inside or top is None else ""


@ON_A_DATABASE
@given(parents=st.one_of(trees, deep_trees))
def test_the_lists_around_posts_nest_as_the_tree_does(article, parents):
    posts = plant(article, parents)
    posts.sort(key=lambda post: post.path)

    assert markup(threads.arrange(posts)) == nested(posts)


@ON_A_DATABASE
@given(parents=deep_trees, chosen=st.sets(st.integers(1, 40)))
def test_any_selection_of_posts_gives_balanced_lists(article, parents, chosen):
    posts = [post for post in plant(article, parents) if post.number in chosen]
    html = markup(threads.arrange(sorted(posts, key=lambda post: post.path)))

    assert html.count("<ol>") == html.count("</ol>")
    assert html.count("<li>") == html.count("</li>") == len(posts)
    assert "<ol></ol>" not in html or not posts


def test_a_post_says_where_it_was_answered(article):
    plant(article, [0, 1, 2, 1, 1], gone={4})

    first = start(article, Order.OLDEST).items[0]

    assert first.answered_in == [2, 5]


def test_a_permalink_shows_what_is_answered_and_the_answers(article, small_pages):
    plant(article, [0, 1, 2, 2, 2, 2, 2, 2, 2, 3, 1], gone={4})

    items = threads.around(article, 2)

    shown = [(item.post.number, item.level, item.is_context) for item in items]
    assert shown == [
        (1, 1, True),
        (2, 2, False),
        *((number, 3, False) for number in (3, 4, 5, 6, 7)),
    ]
    assert items[1].answered_in == [3, 5, 6, 7]
    assert (items[1].hidden_replies, items[2].hidden_replies) == (2, 1)
