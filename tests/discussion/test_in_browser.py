"""Taking part in a discussion in a browser: without JavaScript, and with it."""

import itertools

import pytest

from mfr_site import limits
from mfr_site.short_memory import Window
from tests.browser import on_two_screens
from tests.discussion.sending import words_of
from tests.make import make_article, make_author, make_post, make_quotation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DISCUSSION = "/articles/fascia/#discussion"


@pytest.fixture(autouse=True)
def quick_writers(monkeypatch):
    for act in ("anonymous post", "anonymous thread"):
        monkeypatch.setitem(limits.LIMITS, act, (Window(50, 60),))


@pytest.fixture
def article(db):
    article = make_article("fascia", title="All about fascia")
    make_post(article, "A question.")
    return article


def post(page, body):
    page.fill("#composer textarea", body)
    page.click("text=Post anonymously")


def press(page, name):
    page.get_by_role("button", name=name).click()


def test_from_reading_to_deleting_without_javascript(article, open_page):
    page = open_page(DISCUSSION, javascript=False)
    assert page.context.cookies() == []

    page.fill("#composer textarea", "It **helps** me.")
    page.click("text=Preview")
    assert page.inner_html(".preview strong") == "helps"
    page.click("text=Post anonymously")
    words = page.inner_text(".post-key")
    assert len(words.split()) == 7
    page.click("text=I have kept the words")
    assert page.inner_text("h1").startswith("Post 2 by Anonymous ")

    page.click("text=Edit")
    page.fill("textarea", "It helped me.")
    page.click("text=Save")
    page.click("text=Read it in the discussion")
    assert "It helped me." in page.inner_text("#post-2")

    page.click("#post-1 >> text=Reply")
    post(page, "I have one too.")
    assert page.inner_text("h1").startswith("Post 3 by Anonymous ")
    assert "in reply to Post 1" in page.inner_text("#post-3 h3")

    # On another device only the words tell who somebody is.
    other = open_page("/manage/", javascript=False)
    other.fill("input[name=key]", words.upper())
    other.click("text=Show my posts")
    assert other.locator("main .list li").count() == 2
    other.click("text=Post 2 on All about fascia")
    other.click("text=Delete")
    other.click("text=Delete the post")
    assert "The post is deleted." in other.inner_text("main")
    other.goto(DISCUSSION)
    assert "Post 2 was removed by its author" in other.inner_text("#post-2")


def test_nothing_an_anonymous_writer_does_leaves_a_cookie_for_reading(
    article, open_page
):
    page = open_page(DISCUSSION, javascript=False)
    post(page, "Hello.")
    page.click("text=I have kept the words")
    page.click("text=Edit")
    page.click("text=Save")
    page.goto("/articles/fascia/posts/1/report/")
    page.check("input[value=spam]")
    page.click("text=Send the report")
    page.goto("/manage/")
    for cookie in page.context.cookies():
        assert cookie["path"].startswith("/articles/fascia/posts/"), cookie


def test_a_reply_opens_in_place(article, open_page):
    page = open_page(DISCUSSION)
    page.click("#post-1 >> text=Reply")
    form = page.locator(".in-place form")
    form.locator("textarea").fill("I have one too.")
    assert page.url.endswith(DISCUSSION)
    form.get_by_role("button", name="Post anonymously").click()
    page.click("text=I have kept the words")
    assert "in reply to Post 1" in page.inner_text("#post-2 h3")


@pytest.mark.parametrize("javascript", [True, False])
def test_what_says_who_somebody_is_comes_back_before_it_is_public(
    article, open_page, javascript
):
    page = open_page(DISCUSSION, javascript=javascript)
    page.click("#post-1 >> text=Reply")
    reply = page.locator("form.composer:has([name=reply])")
    reply.locator("textarea").fill("It **helped**. Ring me on 020 7946 0018.")
    reply.get_by_role("button", name="Post anonymously").click()

    assert "Nothing has been posted yet." in page.inner_text("main .lead")
    assert "a phone number: 020 7946 0018" in page.inner_text("main .notice")
    assert page.inner_html(".preview strong") == "helped"
    page.click("text=See your text without it")
    assert "Ring me on […]." in page.inner_text("main .notice details")

    # Enter in a field looks at the text again, and takes nothing away.
    page.click("text=I have a post key already")
    page.press("input[name=key]", "Enter")
    page.wait_for_selector("text=You can also leave it as it is.")
    assert "020 7946 0018" in page.input_value("#composer textarea")

    press(page, "Use the text without it")
    assert page.input_value("#composer textarea") == "It **helped**. Ring me on […]."
    page.fill("#composer textarea", "It **helped**. Ring me on 020 7946 0019.")
    page.click("#composer >> text=Post anonymously")
    press(page, "Post it as it is")
    page.click("text=I have kept the words")
    assert "020 7946 0019" in page.inner_text("#post-2")
    assert "in reply to Post 1" in page.inner_text("#post-2 h3")

    page.click("text=Edit")
    page.fill("textarea", "Write to anna.m@example.org.")
    page.click("text=Save")
    assert "an e-mail address" in page.inner_text("main .notice")
    press(page, "Save it as it is")
    assert "anna.m@example.org" in page.inner_text("#post-2")


def test_the_link_to_keep_fills_in_the_key(article, client, open_page):
    answer = client.post(
        "/articles/fascia/posts/", {"body": "Hello.", "as": "anonymous"}
    )
    words = words_of(client, answer)
    page = open_page(f"/manage/#{words.replace(' ', '-')}")
    assert page.url.endswith("/manage/")
    page.click("text=Show my posts")
    assert "Hello." in page.inner_text("main .list")


def test_a_long_name_and_the_number_leave_each_other_room(article, open_page, maya):
    maya.display_name = "W" * 50
    maya.save()
    author = make_author(article, maya)
    make_post(article, author=author)
    page = open_page(DISCUSSION, width=320)
    number, name = (
        page.locator(f"#post-2 {part}").bounding_box() for part in (".no", ".who a")
    )
    assert name["y"] >= number["y"] + number["height"]
    for address in DISCUSSION, maya.get_absolute_url():
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_label_of_two_words_begins_beside_the_number(article, open_page):
    author = make_author(article)
    author.label = "Anonymous Hummingbird"
    author.save()
    make_post(article, author=author)
    page = open_page(DISCUSSION, width=320)
    number = page.locator("#post-2 .no").bounding_box()
    lines = page.locator("#post-2 .who").evaluate(
        "one => [...one.getClientRects()].map(line => line.top)"
    )
    assert len(lines) == 2
    assert lines[0] < number["y"] + number["height"]


def test_unsent_text_is_not_lost_by_mistake(article, open_page):
    page = open_page(DISCUSSION)
    page.locator("#composer textarea").press_sequentially("Hello")
    asked = []

    def stay(dialog):
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.click("text=All about fascia >> nth=0")
    page.evaluate("location.assign('/discussion/')")
    page.wait_for_timeout(200)
    assert asked == ["beforeunload"]
    assert page.url.endswith(DISCUSSION)


PAGES = [
    DISCUSSION,
    "/articles/fascia/posts/",
    "/articles/fascia/posts/?reply=1",
    "/articles/fascia/posts/1/",
    "/articles/fascia/posts/1/thread/",
    "/articles/fascia/posts/1/report/",
    "/articles/fascia/posts/2/",
    "/manage/",
    "/discussion/",
    "/moderation/",
]


@pytest.mark.parametrize("address", PAGES)
def test_everybody_can_use_the_page(article, open_page, axe, address):
    make_post(article, "Gone.").delete_by_author()
    make_post(article, "Doubted.").hide("reports")
    for page, width in on_two_screens(open_page, address):
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_everybody_can_use_the_pages_of_a_writer(article, open_page, axe):
    page = open_page(DISCUSSION, width=360)
    post(page, "Hello.")
    axe(page)
    page.click("text=I have kept the words")
    axe(page)
    page.goto("/articles/fascia/posts/")
    post(page, "Ring 020 7946 0018, Dr Smith. I have chest pain.")
    axe(page)
    for act in ("Edit", "Delete"):
        page.goto("/articles/fascia/posts/2/")
        page.click(f"main >> text={act}")
        axe(page)


def link_of(page, heading):
    return page.locator(".heading", has_text=heading).locator(".passage")


@pytest.mark.parametrize("javascript", [False, True])
def test_a_heading_is_discussed_by_keyboard(article, open_page, javascript):
    page = open_page("/articles/fascia/", width=600, javascript=javascript)
    link = link_of(page, "How it works")
    assert page.get_by_role("heading", name="How it works", exact=True).count() == 1
    assert link.evaluate("link => getComputedStyle(link).opacity") == "0"
    while not link.evaluate("link => link === document.activeElement"):
        page.keyboard.press("Tab")
    assert link.evaluate("link => getComputedStyle(link).opacity") == "1"
    # Words, not a sign alone.
    assert link.locator("span").bounding_box()["width"] > 90
    page.keyboard.press("Enter")
    page.wait_for_url("**/passages/**")
    post(page, "Does it?")
    page.goto("/articles/fascia/")
    link = link_of(page, "How it works")
    assert link.inner_text().startswith("1 post")
    link.click()
    assert "Does it?" in page.inner_text("main")
    page.click("text=Back to the passage in the article")
    assert page.inner_text(":target") == "How it works"


def test_a_pointer_on_a_heading_shows_its_own_link_alone(article, open_page):
    page = open_page("/articles/fascia/")
    page.get_by_role("heading", name="How it works").hover()
    shown = [
        link.evaluate("link => link.closest('.heading')?.innerText")
        for link in page.locator(".prose .passage").all()
        if link.evaluate("link => getComputedStyle(link).opacity") != "0"
    ]
    assert len(shown) == 1 and shown[0].startswith("How it works")


def top_and_bottom(element):
    box = element.bounding_box()
    return box["y"], box["y"] + box["height"]


@pytest.mark.parametrize("width", [360, 1280])
def test_a_heading_and_its_link_share_a_line(article, open_page, width):
    page = open_page("/articles/fascia/", width=width)
    top, bottom = top_and_bottom(page.locator(".heading h2"))
    assert top < sum(top_and_bottom(link_of(page, "How it works"))) / 2 < bottom


def test_in_the_margin_a_note_is_level_with_its_heading_and_none_overlap(open_page):
    body = "Slowly.\n\n## How it works\n\nBy touch.\n\nSome say by warmth."
    article = make_article("fascia", body=body)
    for words in ("Slowly", "How it works", "By touch", "by warmth"):
        make_quotation(article, words, "I doubt that, and so would you. " * 5)
    page = open_page("/articles/fascia/")
    notes = [top_and_bottom(note) for note in page.locator(".margin").all()]
    assert len(notes) == 4
    assert all(one[1] < two[0] for one, two in itertools.pairwise(notes))
    page.evaluate("document.querySelector('.prose p .margin').remove()")
    top, bottom = top_and_bottom(page.locator(".heading h2"))
    assert top <= top_and_bottom(page.locator(".heading .margin b"))[1] <= bottom


def test_where_a_table_would_cut_a_note_off_the_link_stays(open_page):
    body = "| Year | Found |\n|---|---|\n| 2018 | Too weak |\n"
    make_quotation(make_article("fascia", body=body), "Too weak")
    page = open_page("/articles/fascia/")
    assert page.locator("td .passage").is_visible()
    assert not page.locator("td .margin").is_visible()


def test_paper_shows_the_headings_alone(article, open_page):
    make_quotation(article, "How it works", "Does it?")
    page = open_page("/articles/fascia/")
    page.emulate_media(media="print")
    assert page.locator(".heading").inner_text() == "How it works"


def test_every_page_begins_where_the_header_does(article, open_page):
    page = open_page(DISCUSSION, width=1280)
    post(page, "Hello.")
    words = page.inner_text(".post-key")
    page.goto("/manage/")
    page.fill("input[name=key]", words)
    page.click("text=Show my posts")
    page.wait_for_selector("text=Posts under your post key")
    begins = {}
    for address in (
        "/manage/",
        "/manage/credential/",
        "/manage/data/",
        "/manage/mail/",
        "/articles/fascia/posts/2/",
        "/articles/fascia/posts/follow/",
        "/discussion/",
        "/search/?q=nothing",
    ):
        page.goto(address)
        brand, title = (
            page.locator(part).bounding_box()["x"] for part in (".brand", "h1")
        )
        begins[address] = title - brand
    assert set(begins.values()) == {0}, begins
