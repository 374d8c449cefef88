"""Changing one's post: quietly, with a public version, and not after a day."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from discussion.models import Post
from tests.discussion.sending import OURS, elsewhere, send, text, textarea, words_of
from tests.make import make_article, make_author, make_post

pytestmark = pytest.mark.django_db
ADDRESS = "/articles/fascia/posts/1/edit/"
LINKS = " ".join(f"https://{number}.example" for number in range(4))


@pytest.fixture
def article(db):
    return make_article("fascia")


@pytest.fixture
def clock():
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        yield clock


def save(client, body, address=ADDRESS, **fields):
    return client.post(address, {"body": body, **fields}, headers=OURS)


def test_a_key_holder_edits_quietly(client, article, valid_html):
    send(client, article, "The old text.")
    page = client.get(ADDRESS)
    valid_html(page)
    assert textarea(page) == "The old text."
    assert "only the new text is kept" in text(page)
    answer = save(client, "The **new** text.")
    assert answer.status_code == 303
    assert answer.url == "/articles/fascia/posts/1/"
    post = Post.objects.get()
    assert post.html == "<p>The <strong>new</strong> text.</p>\n"
    assert post.edited_at is None
    assert not post.versions.exists()
    assert "The <strong>new</strong> text." in text(
        elsewhere().get("/articles/fascia/")
    )


def test_a_member_edits(client, article, maya):
    make_post(article, author=make_author(article, maya))
    client.force_login(maya)
    assert save(client, "New.").status_code == 303
    assert Post.objects.get().source == "New."


def test_after_a_while_readers_can_see_the_change(client, article, clock):
    send(client, article, "The old text.")
    clock.shift(timedelta(minutes=16))
    assert "Readers will be able to see" in text(client.get(ADDRESS))
    save(client, "The new text.")
    post = Post.objects.get()
    assert post.edited_at is not None
    assert post.versions.get().source == "The old text."


def test_after_an_answer_readers_can_see_the_change(client, article):
    send(client, article, "The old text.")
    make_post(article, parent=Post.objects.get())
    save(client, "The new text.")
    assert Post.objects.get(number=1).versions.get().source == "The old text."


def test_after_a_day_it_leads_to_an_update(client, article, clock):
    send(client, article, "The old text.")
    clock.shift(timedelta(hours=25))
    answer = client.get(ADDRESS)
    assert answer.url == "/articles/fascia/posts/1/update/"
    assert "/edit/" not in text(client.get("/articles/fascia/posts/1/"))


def test_what_was_typed_when_the_day_ended_is_given_back(client, article, clock):
    send(client, article, "The old text.")
    clock.shift(timedelta(hours=25))
    answer = save(client, "The new text.")
    assert answer.status_code == 403
    assert textarea(answer) == "The new text."
    assert 'action="/articles/fascia/posts/1/update/"' in text(answer)
    assert Post.objects.get().source == "The old text."


def test_a_preview_changes_nothing(client, article):
    send(client, article, "The old text.")
    answer = save(client, "The **new** text.", preview="1")
    assert answer.status_code == 200
    assert "The <strong>new</strong> text." in text(answer)
    assert textarea(answer) == "The **new** text."
    assert Post.objects.get().source == "The old text."


@pytest.mark.parametrize("body", ["", "x" * 10_001])
def test_what_is_wrong_comes_back_whole(client, article, body):
    send(client, article, "The old text.")
    answer = save(client, body)
    assert answer.status_code == 400
    assert textarea(answer) == body
    assert Post.objects.get().source == "The old text."


def test_an_edit_that_a_rule_doubts_waits_for_a_moderator(client, article):
    send(client, article, "The old text.")
    answer = save(client, LINKS)
    assert Post.objects.get().state == "hidden"
    page = client.get(answer.url)
    assert "hidden until a moderator has looked" in text(page)
    assert "more than 2 links" in text(page)
    assert "more than 2 links" not in text(elsewhere().get(answer.url))


def test_over_the_limit(client, article, maya):
    make_post(article, author=make_author(article, maya))
    client.force_login(maya)
    answers = [save(client, f"Text {number}.").status_code for number in range(31)]
    assert answers == [303] * 30 + [429]


def test_a_held_post_is_edited_by_its_key(client, article):
    words = words_of(client, send(client, article, LINKS))
    client.post("/manage/", {"key": words}, headers=OURS)
    address = f"/manage/posts/{Post.objects.get().pk}/edit/"
    assert textarea(client.get(address)) == LINKS
    answer = save(client, "Without links.", address)
    assert answer.url == f"/manage/posts/{Post.objects.get().pk}/"
    assert Post.objects.get().source == "Without links."
    assert Post.objects.get().state == "held"


def test_nobody_else_edits(client, article, maya, sam, edda):
    make_post(article, "Mine.", author=make_author(article, maya))
    send(elsewhere(), article, "Anonymous.")
    for somebody in (None, sam, edda):
        other = elsewhere()
        if somebody:
            other.force_login(somebody)
        for address in (ADDRESS, "/articles/fascia/posts/2/edit/"):
            assert other.get(address).status_code == 404
            assert save(other, "Not mine.", address).status_code == 404
        for post in Post.objects.all():
            address = f"/manage/posts/{post.pk}/edit/"
            assert save(other, "Not mine.", address).status_code == 404
    assert not Post.objects.filter(source="Not mine.").exists()


def test_a_tombstone_is_not_edited(client, article, edda):
    send(client, article)
    Post.objects.get().remove(edda, "spam")
    assert client.get(ADDRESS).status_code == 403
    assert save(client, "New.").status_code == 403


def test_a_number_that_is_not_there(client, article):
    send(client, article)
    assert client.get("/articles/fascia/posts/2/edit/").status_code == 404


def test_other_methods_are_refused(client, article):
    send(client, article)
    assert client.put(ADDRESS).status_code == 405


def test_it_is_never_kept_by_anybody(client, article):
    send(client, article)
    page = client.get(ADDRESS)
    assert page["Cache-Control"] == "private, no-store"
    assert 'content="noindex"' in text(page)


def test_a_preview_points_out_what_it_finds(client, article, valid_html):
    send(client, article)
    body = "Ring 020 7946 0018. I have chest pain, and I feel suicidal."
    page = save(client, body, preview="1")
    valid_html(page)
    assert "a phone number" in text(page)
    assert "Please ask a doctor today" in text(page)
    assert "116 123" in text(page)

    page = save(client, body, preview="masked")

    assert textarea(page) == body.replace("020 7946 0018", "[…]")
    assert Post.objects.get().source == "What helped me was time."


def test_whoever_is_in_danger_is_told_where_help_is(client, article):
    send(client, article)
    answer = save(client, "I want to kill myself.")
    post = Post.objects.get()
    assert post.is_published
    assert list(Post.objects.waiting()) == [post]
    assert "116 123" in text(client.get(answer.url))
