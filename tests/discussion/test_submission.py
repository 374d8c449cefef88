"""What somebody sends becomes one post, however often it is sent."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from discussion.authors import Speaker
from discussion.models import Author, Post, PostKey
from discussion.moderation import Refused
from discussion.submission import Submission
from mfr_site.network import Net
from tests.make import make_article, make_post

pytestmark = pytest.mark.django_db

HERE = Net("here", "here yesterday")
THERE = Net("there", "there yesterday")
NOON = "2026-03-02T12:00:00Z"


@pytest.fixture
def article():
    return make_article()


def guest(article, net=HERE, key=None):
    return Speaker(article, net=net, key=key)


def send(article, speaker, body="It helped me.", **more):
    return Post.objects.submit(Submission(article, speaker, body, **more))


def test_a_post_is_published_at_once(article, maya):
    post = send(article, Speaker(article, user=maya), "  It **helped** me.\r\n\x00")

    assert post.is_published
    assert post.number == 1
    assert post.author.user == maya
    assert post.source == "It **helped** me."
    assert post.html == "<p>It <strong>helped</strong> me.</p>\n"
    assert not post.decisions.exists()


def test_a_guest_gets_a_key_and_a_label(article):
    speaker = guest(article)

    post = send(article, speaker)

    assert len(speaker.words.split()) == 7
    assert post.author.label.startswith("Anonymous ")
    assert speaker.key == post.author.key


def test_a_reply_answers_its_parent(article):
    parent = make_post(article)

    assert send(article, guest(article), parent=parent).parent_number == 1


# --- Sent again -----------------------------------------------------------------------


def test_the_same_form_is_one_post(article, maya):
    speaker = Speaker(article, user=maya)

    first, second = (send(article, speaker) for _ in range(2))

    assert first == second
    assert article.posts.count() == 1


def test_a_double_click_without_a_cookie_is_one_post_with_one_key(article):
    first, second = guest(article), guest(article)

    assert send(article, first) == send(article, second)
    assert first.words == second.words
    assert first.key == second.key
    assert PostKey.objects.count() == Author.objects.count() == 1


def test_somebody_else_s_same_text_does_not_get_the_key_once_it_was_shown(
    article, client, rf
):
    writer = guest(article)
    post = send(article, writer)
    show_key(article, writer.key, rf)

    neighbour = guest(article)

    assert send(article, neighbour) == post
    assert neighbour.words == ""
    assert neighbour.key is None


def show_key(article, key, rf):
    """The writer's browser comes back with its cookie."""
    from django.http import HttpResponse

    from discussion.authors import COOKIE, remember

    response = HttpResponse()
    remember(response, article, key)
    request = rf.get("/")
    request.COOKIES[COOKIE] = response.cookies[COOKIE].value
    assert Speaker.of(request, article).key == key


def test_a_retry_after_the_cookie_came_leads_to_the_same_post(article):
    first = guest(article)
    post = send(article, first)

    assert send(article, guest(article, key=first.key)) == post


def test_the_same_form_from_another_hand_is_another_post(article, maya, sam):
    sent = {
        send(article, speaker, token="form-1", body="Thanks!")
        for speaker in (
            guest(article, HERE),
            guest(article, THERE),
            Speaker(article, user=maya),
            Speaker(article, user=sam),
        )
    }

    assert len(sent) == 4


def test_another_key_on_the_same_network_is_another_person(article):
    other = send(article, guest(article, THERE), "Hello.").author.key
    post = send(article, guest(article))

    assert send(article, guest(article, key=other)) != post


def test_a_form_with_a_token_is_the_same_form_an_hour_later(article, maya):
    speaker = Speaker(article, user=maya)
    with time_machine.travel(NOON, tick=False) as clock:
        post = send(article, speaker, token="a-form")
        clock.shift(timedelta(hours=1))
        assert send(article, speaker, token="a-form") == post
        assert send(article, speaker, "Changed.", token="a-form") != post


@pytest.mark.parametrize("second", [0, 299, 599, 600])
def test_without_a_token_the_same_text_is_the_same_form_for_ten_minutes(
    article, maya, second
):
    speaker = Speaker(article, user=maya)
    with time_machine.travel(NOON, tick=False) as clock:
        clock.shift(second)
        post = send(article, speaker)
        clock.shift(599)
        assert send(article, speaker) == post
        clock.shift(1200)
        assert send(article, speaker) != post


def test_the_same_text_to_another_post_is_not_the_same_form(article, maya):
    speaker = Speaker(article, user=maya)
    parents = [make_post(article), make_post(article, "Another.")]

    assert len({send(article, speaker, "Thanks!", parent=p) for p in parents}) == 2


def test_a_form_sent_again_after_deletion_is_told_so_and_not_posted_again(article):
    speaker = guest(article)
    post = send(article, speaker, token="a-form")
    post.delete_by_author()

    again = send(article, guest(article), token="a-form")

    assert again == post
    assert again.is_erased
    assert article.posts.count() == 1


# --- Held and refused -----------------------------------------------------------------


def test_a_doubted_post_is_held_with_the_reason(article):
    links = "https://a.example https://b.example https://c.example"

    post = send(article, guest(article), links)

    assert (post.state, post.number) == ("held", None)
    assert post.decisions.get().rule == "links"
    article.refresh_from_db()
    assert (article.post_count, article.last_post_number) == (0, 0)


def test_the_same_long_text_elsewhere_waits_for_a_moderator(article):
    text = "This clinic is wonderful, you should all go there at once."
    send(article, guest(article), text)

    other = make_article()

    assert send(other, guest(other, THERE), text).decisions.get().rule == "repeat"


def test_what_cannot_be_taken_is_refused_and_leaves_nothing(article):
    parent = make_post(article)
    parent.hide("reports")
    for sent in (
        {"body": " \n"},
        {"body": "x" * 10_001},
        {"body": "I agree.", "parent": parent},
    ):
        keys = PostKey.objects.count()
        with pytest.raises(Refused) as refused:
            send(article, guest(article), **sent)
        assert refused.value.sentence.endswith(".")
        assert PostKey.objects.count() == keys
    assert article.posts.count() == 1


def test_the_longest_text_is_kept_whole(article):
    assert send(article, guest(article), "é" * 10_000).source == "é" * 10_000


def test_a_closed_discussion_takes_no_post(article):
    article.discussion_open = False
    article.save()

    with pytest.raises(Refused, match="closed"):
        send(article, guest(article))


def test_a_silenced_member_is_held_and_an_editor_is_not_doubted(article, maya, edda):
    maya.silenced_at = timezone.now()
    links = "https://a.example https://b.example https://c.example"

    assert not send(article, Speaker(article, user=maya)).is_published
    assert send(
        article, Speaker(article, user=edda), links, by_editor=True
    ).is_published


def test_a_post_takes_the_same_queries_however_long_the_discussion(article, maya):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    speaker = Speaker(article, user=maya)
    first = send(article, speaker, "One.")

    def cost(body):
        with CaptureQueriesContext(connection) as made:
            send(article, speaker, body, parent=first)
        return [query["sql"] for query in made if "SAVEPOINT" not in query["sql"]]

    early = cost("Two.")
    for place in range(30):
        make_post(article, str(place), parent=first)
    late = cost("Three.")

    assert len(late) == len(early)
