"""The moderators' queue, as an editor uses it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from discussion import standing
from discussion.authors import Speaker
from discussion.models import Decision, Post, Report
from discussion.submission import Submission
from mfr_site.models import SiteRules
from tests.discussion.sending import elsewhere
from tests.make import make_article, make_post
from tests.people import make_editor

pytestmark = pytest.mark.django_db
QUEUE = "/admin/discussion/post/"


@pytest.fixture
def article():
    return make_article("fascia")


@pytest.fixture
def hold(article):
    """`hold(text)`: a post that a rule holds."""

    def send(text="Look: cheap pills.", speaker=None):
        SiteRules(blocked_words="cheap pills").save()
        speaker = speaker or Speaker(article)
        return Post.objects.submit(Submission(article, speaker, text))

    return send


@pytest.fixture
def desk(client, edda):
    client.force_login(edda)
    return client


def look(desk, address=QUEUE):
    """What the page holds of each post: what a moderator has seen."""
    page = desk.get(address)
    return {
        f"seen-{item.post.pk}": item.stamp for item in page.context.get("waiting", ())
    }


def act(desk, what, *, seen=None, **given):
    sent = {"act": what, "reason": "spam", **(look(desk) if seen is None else seen)}
    only = what.partition(" ")[2]
    if only:
        sent[f"reason-{only}"] = given.pop("reason", "spam")
        sent[f"note-{only}"] = given.pop("note", "")
        sent[f"text-{only}"] = given.pop("text", "")
    page = desk.post(QUEUE, {**sent, **given}, follow=True)
    return [str(message).partition(" <a ")[0] for message in page.context["messages"]]


def test_it_shows_text_reason_context_and_history(desk, hold, article):
    parent = make_post(article, "A thought about time.")
    speaker = Speaker(article, key=parent.author.key)
    SiteRules(blocked_words="cheap pills").save()
    sent = Submission(article, speaker, "**Cheap pills** here", parent=parent)
    Post.objects.submit(sent)

    page = desk.get(QUEUE).content.decode()

    assert "<strong>Cheap pills</strong>" in page
    assert "It has a word that spam and insults often have" in page
    assert "A thought about time." in page
    assert "Posts: 1 held, 1 published." in page


def test_urgent_comes_first_then_the_oldest(desk, hold):
    new, old, urgent = hold("cheap pills 1"), hold("cheap pills 2"), hold("cheap pills")
    Post.objects.filter(pk=old.pk).update(
        waits_since=timezone.now() - timedelta(hours=3)
    )
    urgent.wait(is_urgent=True)

    shown = [item.post.pk for item in desk.get(QUEUE).context["waiting"]]

    assert shown == [urgent.pk, old.pk, new.pk]


def test_publishing_takes_it_off_the_queue(desk, hold, edda):
    post = hold()
    assert act(desk, f"approve {post.pk}") == ["Post 1 is published."]
    post.refresh_from_db()
    assert (post.is_published, post.waits_since) == (True, None)
    assert post.decisions.first().by == edda


def test_not_publishing_tells_the_writer_why(desk, hold):
    post = hold()
    act(desk, f"remove {post.pk}", note="Please leave out the shop.")
    post.refresh_from_db()
    assert post.state == "refused"
    decision = post.decisions.first()
    assert (decision.rule, decision.reason) == ("spam", "Please leave out the shop.")
    assert not look(desk)


def test_what_was_reported_is_kept_or_removed_and_the_reports_are_settled(
    desk, article
):
    kept, removed = make_post(article, "Mild."), make_post(article, "Wild.")
    for post in (kept, removed):
        post.wait()
        Report.objects.take(post, "abuse", "", by=None)

    assert act(desk, f"approve {kept.pk}") == ["Post 1 stays."]
    act(desk, f"remove {removed.pk}", reason="abuse")

    assert kept.decisions.first().action == "keep"
    assert [report.upheld for report in Report.objects.order_by("post")] == [
        False,
        True,
    ]
    removed.refresh_from_db()
    assert removed.state == "removed"


def test_personal_data_is_taken_out_and_marked(desk, article):
    post = make_post(article, "Ring me: 020 7946 0000.")
    post.hide("personal-data")
    form = desk.get(f"{QUEUE}{post.pk}/text/").content.decode()
    assert "Ring me: 020 7946 0000." in form

    act(desk, f"edit-out {post.pk}", text="Ring me: […].")

    post.refresh_from_db()
    assert (post.source, post.state) == ("Ring me: […].", "published")
    assert post.edited_at
    assert not post.versions.get().is_public


def test_what_was_found_can_be_taken_out_for_the_moderator(desk, article):
    post = make_post(article, "Ring me: 020 7946 0000.")
    post.append_update("Or write to anna.m@example.org, or not.")
    update = post.updates.get()
    post.wait()
    assert "It seems to have a phone number." in desk.get(QUEUE).content.decode()
    page = desk.get(f"{QUEUE}{post.pk}/text/?masked=1").content.decode()
    assert "Ring me: […]." in page
    assert "Or write to […], or not." in page
    assert "a phone number, an e-mail address" in page

    changed = {"text": "Ring me.", f"update-{update.pk}": "Or write."}
    act(desk, f"edit-out {post.pk}", **changed)

    there = elsewhere().get(article.get_absolute_url()).content.decode()
    assert "Or write." in there
    assert "anna.m" not in there


def test_an_update_that_is_emptied_goes(desk, article):
    post = make_post(article)
    post.append_update("Ring me: 020 7946 0000.")
    post.wait()
    changed = {"text": post.source, f"update-{post.updates.get().pk}": " "}
    act(desk, f"edit-out {post.pk}", **changed)
    assert not post.updates.exists()


def test_no_update_of_another_post_is_changed(desk, article):
    post, other = make_post(article), make_post(article)
    update = other.append_update("It helped.")
    post.wait()
    act(desk, f"edit-out {post.pk}", text="Less.", **{f"update-{update.pk}": "No."})
    update.refresh_from_db()
    assert update.source == "It helped."


def test_an_update_that_came_meanwhile_is_looked_at_first(desk, article):
    post = make_post(article)
    post.wait()
    seen = look(desk)
    post.append_update("And something else.")
    assert "has changed" in act(desk, f"approve {post.pk}", seen=seen)[0]


def test_the_other_words_of_a_writer_in_the_discussion_are_a_click_away(
    desk, article, sam
):
    author = Speaker(article, user=sam).author()
    earlier = [make_post(article, str(n), author=author) for n in range(7)]
    elsewhere_too = make_article("other")
    make_post(elsewhere_too, author=Speaker(elsewhere_too, user=sam).author())
    post = make_post(article, author=author)
    post.wait()

    (item,) = desk.get(QUEUE).context["waiting"]

    assert item.others == earlier[:1:-1]
    assert item.history == {"published": 9}


def test_the_reason_that_was_reported_is_offered_first(desk, article):
    post = make_post(article)
    Report.objects.take(post, "worried", "", by=None)
    Report.objects.take(post, "dangerous", "", by=None)
    page = desk.get(QUEUE).content.decode()
    assert '<option value="dangerous" selected>' in page


def test_what_was_decided_before_is_there(desk, article, edda):
    post = make_post(article)
    post.wait()
    post.decide("keep", reason="It is only rude.", by=edda)
    post.hide("reports")
    page = desk.get(QUEUE).content.decode()
    assert "It is only rude." in page


def test_a_trusted_writer_is_not_held_again(desk, hold, article):
    post = hold()
    act(desk, f"trust {post.pk}")
    post.refresh_from_db()
    assert post.is_published
    until = timezone.now() + timedelta(hours=1)
    type(article).objects.update(slowed_until=until)
    speaker = Speaker(article, key=post.author.key)
    again = Post.objects.submit(Submission(article, speaker, "I am back."))
    assert again.is_published


def test_a_silenced_writer_who_is_trusted_gets_everything_back(desk, article, sam):
    """Also one who was trusted before."""
    author = Speaker(article, user=sam).author()
    standing.trust(author, author.user)
    _, post = (make_post(article, text, author=author) for text in "ab")
    post.wait()
    act(desk, f"silence {post.pk}")
    page = f"{QUEUE}{post.pk}/change/"
    stamp = look(desk, page)

    told = act(desk, f"trust {post.pk}", seen=stamp)

    assert "appears at once" in told[0]
    sam.refresh_from_db()
    assert sam.silenced_at is None
    assert sam.trusted_at
    assert Post.objects.published().count() == 2


def test_what_was_done_can_be_looked_at_again_and_undone(desk, article):
    post = make_post(article)
    post.wait()
    sent = {**look(desk), "act": f"remove {post.pk}", f"reason-{post.pk}": "spam"}
    page = desk.post(QUEUE, sent, follow=True).content.decode()
    again = f"{QUEUE}{post.pk}/change/"
    assert f'<a href="{again}">Look at it again</a>' in page

    act(desk, f"approve {post.pk}", seen=look(desk, again))

    assert Post.objects.published().get() == post


def test_silencing_hides_all_of_a_person_and_is_undone_in_one_step(desk, article, sam):
    posts = [
        make_post(there, "Hello.", author=Speaker(there, user=sam).author())
        for there in (article, make_article("other"))
    ]
    posts[0].wait()

    told = act(desk, f"silence {posts[0].pk}")

    assert told[0].startswith("Sam Stranger is silenced, and 2 posts are hidden.")
    assert not Post.objects.published().exists()
    assert not look(desk)
    undo = f"{QUEUE}silenced/{posts[0].author.pk}/"
    page = desk.get(QUEUE).content.decode()
    assert "Let them speak" in page

    desk.post(undo)

    sam.refresh_from_db()
    assert sam.silenced_at is None
    assert Post.objects.published().count() == 2


def test_undoing_shows_nothing_that_was_hidden_for_another_reason(desk, article, sam):
    author = Speaker(article, user=sam).author()
    other, post = (make_post(article, text, author=author) for text in "ab")
    other.hide("abuse")
    post.wait()
    act(desk, f"silence {post.pk}")
    desk.post(f"{QUEUE}silenced/{author.pk}/")
    assert list(Post.objects.published()) == [post]


def test_an_editor_is_not_silenced(desk, article):
    editor = make_editor("emil")
    post = make_post(article, author=Speaker(article, user=editor).author())
    post.wait()
    assert "cannot be silenced" in act(desk, f"silence {post.pk}")[0]
    post.refresh_from_db()
    assert post.is_published


def test_a_discussion_is_slowed_and_closed_while_the_post_waits_on(desk, hold, article):
    post = hold()
    act(desk, f"slow {post.pk}")
    article.refresh_from_db()
    assert article.slowed_until > timezone.now()
    held = Post.objects.submit(Submission(article, Speaker(article), "A calm word."))
    assert held.decisions.get().rule == "slowed"
    act(desk, f"close {post.pk}")
    article.refresh_from_db()
    assert not article.takes_posts
    assert f"seen-{post.pk}" in look(desk)
    act(desk, f"open {post.pk}")
    article.refresh_from_db()
    assert article.takes_posts
    assert article.slowed_until is None
    assert post.decisions.first().action == "open"


def test_the_second_of_two_moderators_is_told_and_changes_nothing(desk, hold):
    post = hold()
    seen = look(desk)
    post.refuse(make_editor("emil"), "spam")

    told = act(desk, f"approve {post.pk}", seen=seen)

    assert told == [f"{post}: emil was quicker (refused). Nothing was changed."]
    post.refresh_from_db()
    assert post.state == "refused"


def test_a_text_that_changed_meanwhile_is_looked_at_again(desk, hold):
    post = hold()
    seen = look(desk)
    post.edit("Look: cheap pills, and worse.", post.author)

    assert "has changed" in act(desk, f"approve {post.pk}", seen=seen)[0]
    post.refresh_from_db()
    assert post.state == "held"


def test_the_ticked_ones_are_decided_together_and_the_rest_waits(desk, hold):
    posts = [hold(f"cheap pills {n}") for n in range(3)]
    act(desk, "remove", post=[posts[0].pk, posts[1].pk])
    assert [post.state for post in Post.objects.order_by("pk")] == [
        "refused",
        "refused",
        "held",
    ]


def test_an_answer_brings_a_decision_back_and_gets_one(desk, article):
    post = make_post(article)
    post.remove(None, "abuse")
    post.decisions.first().appeal_with("It was a joke.")
    assert "It was a joke." in desk.get(QUEUE).content.decode()

    act(desk, f"remove {post.pk}", note="It hurt somebody.")

    answered = post.decisions.exclude(appeal="").get()
    assert answered.appeal_answer == "It hurt somebody."
    assert not look(desk)


@pytest.mark.parametrize("what", ["", "burn 1", "approve 1; drop", "approve 999"])
def test_nonsense_does_nothing(desk, hold, what):
    hold()
    assert act(desk, what)
    assert Decision.objects.count() == 1


@pytest.mark.parametrize("way", ["get", "post"])
def test_nobody_else_sees_it(client, maya, hold, way):
    post = hold()
    client.force_login(maya)
    for address in (QUEUE, f"{QUEUE}{post.pk}/change/", f"{QUEUE}{post.pk}/text/"):
        answer = getattr(client, way)(address)
        assert answer.status_code in {302, 403}
        assert b"cheap" not in answer.content


def test_it_costs_the_same_for_many(desk, hold, django_assert_max_num_queries):
    for number in range(10):
        hold(f"cheap pills {number}")
    with django_assert_max_num_queries(17):
        desk.get(QUEUE)


def test_the_desk_names_what_waits(desk, hold):
    post = hold()
    desk_page = desk.get("/admin/")
    tray = desk_page.context["trays"][0]
    assert (tray.title, tray.lines[0].title) == ("Posts that wait", str(post))
    assert not tray.lines[0].is_late
    Post.objects.update(waits_since=timezone.now() - timedelta(hours=13))
    assert desk.get("/admin/").context["trays"][0].lines[0].is_late
