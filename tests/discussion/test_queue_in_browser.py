"""The moderators' queue in a browser: by keyboard, without script, small and dark."""

import pytest

from discussion.authors import Speaker
from discussion.models import Post, Report
from discussion.submission import Submission
from mfr_site.models import SiteRules
from tests.make import make_article, make_post
from tests.people import make_editor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
QUEUE = "/admin/discussion/post/"


@pytest.fixture
def article():
    return make_article("fascia")


@pytest.fixture
def hold(article):
    """`hold(text)`: a post that a rule holds."""
    SiteRules(blocked_words="cheap pills").save()

    def send(text="Look: cheap pills."):
        return Post.objects.submit(Submission(article, Speaker(article), text))

    return send


@pytest.fixture
def open_queue(edda, client, open_page):
    """The queue in a browser, as an editor."""
    client.force_login(edda)

    def visit(**how):
        page = open_page("/healthz", **how)
        session = client.cookies["session"].value
        cookie = {"name": "session", "value": session, "url": page.url}
        page.context.add_cookies([cookie])
        page.goto(QUEUE)
        return page

    return visit


def test_a_moderator_needs_only_the_keyboard(hold, open_queue):
    first, second, third = (hold(f"cheap pills {n}") for n in range(3))
    page = open_queue()
    with page.expect_navigation():
        page.keyboard.press("j")
        page.keyboard.press("a")
    first.refresh_from_db()
    assert first.is_published
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("n")
    # Letters in a field are letters.
    page.keyboard.type("ara")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("r")
    third.refresh_from_db()
    second.refresh_from_db()
    assert (third.state, second.state) == ("refused", "held")
    assert third.decisions.first().reason == "ara"


@pytest.fixture
def full_queue(hold, article, sam):
    """With all that it can show of a post."""
    speaker = Speaker(article, user=sam)
    parent = make_post(article, author=speaker.author())
    post = make_post(
        article, "Ring 020 7946 0000.", parent=parent, author=parent.author
    )
    post.append_update("https://example.org/" + "long" * 40)
    Report.objects.take(post, "legal", "It is my number. " * 20, by=None)
    post.decide("keep", by=make_editor("emil"), reason="Fine.")
    post.hide("reports", "Readers have reported it.")
    post.decisions.first().appeal_with("It is not so.")
    hold().wait(is_urgent=True)
    return post


def test_without_script_each_act_is_a_button_and_can_be_undone(
    hold, open_queue, article
):
    post = hold("Cheap pills: ring 020 7946 0000.")
    page = open_queue(javascript=False, width=360)
    assert page.is_hidden("text=next and previous")
    page.click("text=Slow the discussion for a day")
    page.click("text=Slow the discussion no more")
    page.click("text=Close the discussion")
    page.click("text=Open the discussion again")
    page.click("text=Silence the writer")
    page.click("text=Let them speak")
    assert f"seen-{post.pk}" in page.content()
    page.click("text=Take personal data out")
    page.click("text=Begin without it")
    page.fill("#note", "I took a number out.")
    page.click("text=Save, and show the post so")
    page.wait_for_selector("text=Nothing waits")
    post.refresh_from_db()
    assert (post.state, post.source) == ("published", "Cheap pills: ring […].")
    assert post.decisions.filter(reason="I took a number out.").exists()


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("width", [360, 1280])
def test_it_can_be_read_by_everybody(full_queue, open_queue, axe, width, dark):
    """With all that it can show of a post, and the page that takes data out."""
    page = open_queue(for_axe=True, width=width, dark=dark)

    for _ in range(2):
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        page.goto(f"{QUEUE}{full_queue.pk}/text/?masked=1")
