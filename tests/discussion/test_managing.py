"""One's own posts: found by account, or by typing the post key."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from discussion.models import Decision, Post
from tests.discussion.sending import OURS, elsewhere, send, text, words_of
from tests.make import make_article, make_author, make_post

pytestmark = pytest.mark.django_db
LINKS = " ".join(f"https://{number}.example" for number in range(4))


@pytest.fixture
def article(db):
    return make_article("fascia", title="All about fascia")


def enter(client, key):
    return client.post("/manage/", {"key": key}, headers=OURS)


def own_address(name=""):
    return f"/manage/posts/{Post.objects.get().pk}/{name}"


# --- The list -----------------------------------------------------------------------------


def test_the_key_shows_what_it_wrote_everywhere(article, valid_html):
    writer, reader = elsewhere(), elsewhere()
    words = words_of(writer, send(writer, article, "Here."))
    send(elsewhere(), make_article("another"), "There.", key=words)
    send(elsewhere(), article, "Somebody else.")
    answer = enter(reader, words)
    assert answer.status_code == 303
    assert answer.url == "/manage/"
    assert answer.cookies["post-key"]["path"] == "/manage/"
    page = reader.get("/manage/")
    valid_html(page)
    assert "Here." in text(page)
    assert "There." in text(page)
    assert "Somebody else." not in text(page)
    assert words not in text(page)


@pytest.mark.parametrize(
    "written",
    ["{}", "  {} ", "{}.", "\u201c{}\u201d"],
    ids=["plain", "blanks", "dot", "quoted"],
)
def test_the_key_may_be_written_as_people_write(client, article, written):
    words = words_of(client, send(client, article))
    for variant in (words, words.upper(), words.replace(" ", "-"), words.title()):
        assert enter(elsewhere(), written.format(variant)).status_code == 303


@pytest.mark.parametrize(
    "typed", ["", "one two three four five six seven", "a", "x" * 5_000]
)
def test_what_is_no_key_opens_nothing(client, article, typed, valid_html):
    send(elsewhere(), article)
    answer = enter(client, typed)
    assert answer.status_code == 400
    valid_html(answer)
    assert not answer.cookies


def test_six_of_seven_words_open_nothing(client, article):
    words = words_of(client, send(client, article)).split()
    other = elsewhere()
    assert enter(other, " ".join(words[:6])).status_code == 400
    assert enter(other, " ".join([*words[1:], words[0]])).status_code == 400


def test_guessing_is_limited(client, article):
    words = words_of(client, send(client, article))
    other = elsewhere()
    guess = "one two three four five six seven"
    assert [enter(other, guess).status_code for _ in range(10)] == [400] * 10
    answer = enter(other, words)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert not answer.cookies


def test_a_member_sees_their_own(client, article, maya, sam, valid_html):
    make_post(article, "Mine.", author=make_author(article, maya))
    make_post(article, "Not mine.", author=make_author(article, sam))
    client.force_login(maya)
    page = client.get("/manage/")
    valid_html(page)
    assert "Mine." in text(page)
    assert "Not mine." not in text(page)


def test_a_guest_is_asked_for_the_key(client, db, valid_html):
    page = client.get("/manage/")
    valid_html(page)
    assert "Enter your post key" in text(page)
    assert "A lost key cannot be restored" in text(page)
    assert page["Cache-Control"] == "private, no-store"


def test_an_hour_later_the_key_is_asked_for_again(client, article):
    enter(client, words_of(client, send(client, article)))
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert "Enter your post key" in text(client.get("/manage/"))


def test_the_cookie_of_a_discussion_does_not_open_the_list(client, article):
    send(client, article)
    other = elsewhere()
    other.cookies["post-key"] = client.cookies["post-key"].value
    assert "Enter your post key" in text(other.get("/manage/"))


def test_other_methods_are_refused(client, db):
    assert client.put("/manage/").status_code == 405


# --- Closing the list -----------------------------------------------------------------------


def test_the_list_is_closed_and_its_words_open_it_again(client, article, valid_html):
    words = words_of(client, send(client, article))
    other = elsewhere()
    enter(other, words)
    assert "Close this list" in text(other.get("/manage/"))
    closed = other.post("/manage/close/", headers=OURS)
    page = other.get(closed.url)
    valid_html(page)
    assert "The list is closed in this browser. Nothing is deleted" in text(page)
    assert "Enter your post key" in text(page)
    assert enter(other, words).status_code == 303
    # An old address in the browser's history says nothing that is no longer so.
    assert "The list is closed" not in text(other.get(closed.url))


def test_closing_needs_a_post(client, db):
    assert client.get("/manage/close/").status_code == 405


# --- One post ------------------------------------------------------------------------------


def test_a_held_post_and_what_can_be_done(client, article, valid_html):
    enter(client, words_of(client, send(client, article, LINKS)))
    page = client.get(own_address())
    valid_html(page)
    assert "Held for a moderator" in text(page)
    assert "more than 2 links" in text(page)
    assert own_address("edit/") in text(page)
    assert own_address("delete/") in text(page)


def test_a_removed_text_can_still_be_read_by_its_writer(client, article, edda):
    enter(client, words_of(client, send(client, article, "My words.")))
    Post.objects.get().remove(edda, "other", "It named a clinic.")
    page = text(client.get(own_address()))
    assert "My words." in page
    assert "It named a clinic." in page
    assert "Edda" not in page
    assert own_address("edit/") not in page


def test_what_was_added_can_be_read_too_and_each_rule_has_its_name(
    client, article, maya, edda
):
    post = make_post(article, author=make_author(article, maya))
    post.append_update("It came back after a **week**.")
    post.hide("reports", "Readers have reported it.")
    post.remove(edda, "abuse", "Please be kind.")
    client.force_login(maya)
    page = text(client.get(own_address()))
    assert "It came back after a <strong>week</strong>." in page
    for name, rule in {"abuse": "Abuse", "reports": "Reported by readers"}.items():
        link = f'<a href="/community-rules/#s-rule-{name}">{rule}</a>'
        assert f"by the rule {link}: " in page


def test_nobody_else_sees_it(client, article, maya, edda):
    send(elsewhere(), article)
    assert client.get(own_address()).status_code == 404
    for somebody in (maya, edda):
        client.force_login(somebody)
        assert client.get(own_address()).status_code == 404


def test_a_post_that_is_not_there(client, maya):
    client.force_login(maya)
    assert client.get("/manage/posts/7/").status_code == 404
    assert client.post("/manage/posts/7/").status_code == 405


# --- Answering a decision ---------------------------------------------------------------------


def appeal(client, words="I only named a town."):
    return client.post(own_address("appeal/"), {"appeal": words}, headers=OURS)


@pytest.fixture
def removed(client, article, edda, maya):
    """Maya's post, removed; she is logged in."""
    post = make_post(article, "My words.", author=make_author(article, maya))
    post.remove(edda, "other", "It named a clinic.")
    client.force_login(maya)
    return post


def test_a_decision_can_be_answered_once(client, removed, valid_html):
    page = client.get(own_address())
    valid_html(page)
    assert "Answer the decision" in text(page)
    assert appeal(client).status_code == 303
    page = text(client.get(own_address()))
    assert "You answered: I only named a town." in page
    assert "Answer the decision" not in page
    assert appeal(client, "Again.").status_code == 404
    assert Decision.objects.get().appeal == "I only named a town."


def test_an_empty_answer_comes_back(client, removed):
    assert appeal(client, " ").status_code == 400
    assert not Decision.objects.get().appeal


def test_nobody_else_answers(client, removed, sam):
    client.force_login(sam)
    assert appeal(client).status_code == 404
    client.logout()
    assert appeal(client).status_code == 404
    assert not Decision.objects.get().appeal


def test_there_must_be_something_to_answer(client, article, maya):
    make_post(article, author=make_author(article, maya))
    client.force_login(maya)
    assert appeal(client).status_code == 404


def test_what_was_restored_needs_no_answer(client, removed, edda):
    removed.restore(edda)
    assert appeal(client).status_code == 404
    assert "Answer the decision" not in text(client.get(own_address()))


def test_answering_needs_a_post(client, removed):
    assert client.get(own_address("appeal/")).status_code == 405
