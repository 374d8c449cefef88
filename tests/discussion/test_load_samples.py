"""The sample discussions: loaded once, said to be samples, in the shape of real ones."""

from datetime import timedelta

import pytest
import yaml
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from discussion.importers.samples import load_samples
from discussion.models import Decision, Post
from mfr_site.content_files import ContentError, Loading
from tests.make import make_draft

pytestmark = pytest.mark.django_db

PEOPLE = [
    {"username": "saltmarsh", "name": "Saltmarsh", "bio": "I read."},
    {"username": "edda-quill", "name": "Edda Quill", "bio": "", "editor": True},
]
POSTS = [
    {
        "number": 1,
        "author": {"name": "Saltmarsh"},
        "days_ago": 9,
        "quote": "It wraps every muscle.",
        "disputes": True,
        "answered": {"by": "Edda Quill", "days_ago": 3, "text": "It does. See Post 5."},
        "body": "Not every.",
    },
    {"number": 2, "removed": {"by": "author"}, "days_ago": 8},
    {"number": 3, "removed": {"by": "moderator", "reason": "spam"}, "days_ago": 8},
    {
        "number": 5,
        "author": {"editor": True, "name": "Edda Quill"},
        "days_ago": 3,
        "reply_to": 1,
        "body": "Thank you, @saltmarsh.",
    },
    {"number": 6, "author": {"anonymous": "a"}, "days_ago": 3, "body": "Me too."},
    {"number": 7, "author": {"anonymous": "b"}, "days_ago": 3, "body": "Nor I."},
    {"number": 8, "author": {"anonymous": "a"}, "days_ago": 1, "body": "Again."},
]


@pytest.fixture
def article(db):
    draft = make_draft("fascia")
    Article.objects.update(import_ref="content/fascia")
    draft.refresh_from_db()
    draft.approve(None)
    return draft.article


@pytest.fixture
def load(tmp_path):
    def load(posts=POSTS, people=PEOPLE):
        loading = Loading()
        (tmp_path / "people.yaml").write_text(yaml.safe_dump(people))
        data = {"sample": True, "posts": posts}
        (tmp_path / "fascia.yaml").write_text(yaml.safe_dump(data))
        load_samples(tmp_path, loading)
        return loading

    return load


def test_a_discussion_has_its_numbers_and_gaps_and_says_that_it_is_a_sample(
    article, load
):
    load()
    posts = article.posts.order_by("number")
    assert [post.number for post in posts] == [1, 2, 3, 5, 6, 7, 8]
    assert all(post.is_sample for post in posts)
    assert [post.parent_number for post in posts] == [None] * 3 + [1] + [None] * 3
    times = [post.published_at for post in posts]
    assert times == sorted(times)
    assert times[-1] < timezone.now()


def test_posts_are_by_invented_people(article, load):
    load()
    by = {post.number: post for post in article.posts.select_related("author__user")}
    assert by[1].author.user.is_sample
    assert not by[1].author.user.has_usable_password()
    assert (by[5].author.name, by[5].by_editor) == ("Edda Quill", True)
    assert "posts/1/" in by[5].html
    assert by[6].author == by[8].author != by[7].author
    assert by[6].author.is_anonymous


def test_what_was_removed_leaves_its_number(article, load):
    load()
    gone = article.posts.filter(state=Post.State.REMOVED).order_by("number")
    assert [(post.removed_by, post.removed_for) for post in gone] == [
        ("author", "own-wish"),
        ("moderator", "spam"),
    ]
    assert all(post.removed_at == post.published_at for post in gone)
    assert Decision.objects.get().created_at == gone[1].removed_at
    article.refresh_from_db()
    assert (article.post_count, article.last_post_number) == (5, 8)


def test_a_quotation_is_anchored_and_disputed(article, load):
    load()
    anchor = article.posts.get(number=1).anchor
    assert anchor.exact == "It wraps every muscle."
    assert anchor.prefix == "Fascia is thin tissue. "
    assert anchor.post.dispute


def test_an_editors_answer_settles_a_dispute(article, load):
    load()
    dispute = Post.objects.get(number=1).dispute

    assert not dispute.is_open
    assert str(dispute.answered_by) == "Edda Quill"
    assert dispute.answered_at < timezone.now() - timedelta(days=2)
    # The later post that it names is linked.
    assert "/posts/5/" in dispute.answer_html


def test_a_second_run_changes_nothing(article, load):
    load()
    Post.objects.get(number=8).remove(None, "spam")
    before = [*Post.objects.values()]
    assert load().counts["discussion", "unchanged"] == 1
    assert [*Post.objects.values()] == before


def test_a_discussion_that_has_begun_is_left_alone(article, load):
    Article.objects.update(last_post_number=1)
    assert load().kept == ["discussion:fascia"]
    assert not Post.objects.exists()


def test_nothing_is_said_in_a_members_name(article, load):
    User(username="saltmarsh", email="s@example.org").save()
    with pytest.raises(ContentError, match="saltmarsh"):
        load()


@pytest.mark.parametrize(
    "change",
    [{"quote": "Words that are not there"}, {"author": {"name": "Nobody"}}],
)
def test_a_wrong_file_is_refused_whole(article, load, change):
    with pytest.raises(ContentError, match="fascia"):
        load([*POSTS[1:3], {**POSTS[0], "number": 9, **change}])
    assert not Post.objects.exists()
