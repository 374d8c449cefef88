"""The conveniences that scripts add, in a browser; and that nothing needs them."""

import pytest

from tests.make import make_article, make_post

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def article():
    article = make_article("about-fascia")
    make_post(article)
    make_post(article, "It did not help me.")
    return article


@pytest.fixture
def page(open_page, article):
    return open_page(article.get_absolute_url())


def reply_link(page, number):
    return page.locator(f"#post-{number} a[href*='?reply={number}']")


def reply_text(page, number):
    return page.locator(f"#post-{number} .in-place textarea")


def focused(page):
    return page.evaluate("document.activeElement.outerHTML")


def test_a_reply_is_written_under_the_post_it_answers(page, axe):
    reply_link(page, 2).click()
    reply_text(page, 2).wait_for()
    assert focused(page).startswith("<textarea")
    assert page.url.endswith("/articles/about-fascia/")
    axe(page)


def test_a_reply_sent_from_under_its_post_answers_that_post(page, article):
    reply_link(page, 1).click()
    reply_text(page, 1).fill("Time and walking, for me.")
    page.locator("#post-1 .in-place button[value=anonymous]").click()
    page.wait_for_url("**/posts/**")
    assert article.posts.get(source__startswith="Time and walking").parent.number == 1


def test_buttons_that_scripts_add_look_like_the_others(page):
    """A reader's page has not all of the site's styles."""
    reply_link(page, 1).click()
    reply_text(page, 1).wait_for()
    buttons = page.locator("#post-1 .in-place .under button")
    assert set(buttons.all_inner_texts()) > {"Preview", "Cancel"}
    looks = buttons.evaluate_all(
        "all => all.map(one => getComputedStyle(one).borderRadius)"
    )
    assert len(looks) == 3
    assert len(set(looks)) == 1


def test_escape_closes_the_reply_keeps_its_text_and_gives_the_focus_back(page):
    reply_link(page, 1).click()
    reply_text(page, 1).fill("Half a thought")
    reply_text(page, 1).press("Escape")
    assert reply_text(page, 1).is_hidden()
    assert "?reply=1" in focused(page)
    reply_link(page, 1).click()
    assert reply_text(page, 1).input_value() == "Half a thought"


def test_cancel_closes_the_reply(page):
    reply_link(page, 1).click()
    page.locator("#post-1 .in-place").get_by_role("button", name="Cancel").click()
    assert reply_text(page, 1).is_hidden()


def test_only_one_reply_is_open(page):
    reply_link(page, 1).click()
    reply_text(page, 1).wait_for()
    reply_link(page, 2).click()
    reply_text(page, 2).wait_for()
    assert reply_text(page, 1).is_hidden()


def test_without_scripts_a_reply_has_a_page_of_its_own(open_page, article):
    page = open_page(article.get_absolute_url(), javascript=False)
    reply_link(page, 1).click()
    assert page.locator("h1").inner_text() == "Reply to Post 1"
    assert page.locator("#composer textarea").is_visible()


def test_the_characters_are_counted(page):
    page.locator("#composer textarea").fill("Three")
    assert page.locator("#composer .count").inner_text() == "5 of 10,000 characters"
    page.locator("#composer textarea").fill("x" * 10_001)
    assert "over" in page.locator("#composer .count").get_attribute("class")


def test_a_draft_is_kept_only_when_its_writer_asks(page):
    text = page.locator("#composer textarea")
    text.fill("A draft")
    assert page.evaluate("localStorage.length") == 0
    page.get_by_role("button", name="Keep a draft on this device").click()
    text.fill("A longer draft")
    page.reload()
    text.focus()
    assert text.input_value() == "A longer draft"
    page.get_by_role("button", name="Delete the draft from this device").click()
    assert page.evaluate("localStorage.length") == 0


def test_a_draft_is_gone_when_it_has_been_sent(page):
    page.locator("#composer textarea").fill("What helped me was warmth.")
    page.get_by_role("button", name="Keep a draft on this device").click()
    page.locator("#composer button[value=anonymous]").click()
    page.wait_for_url("**/posts/**")
    assert page.evaluate("localStorage.length") == 0


def test_a_draft_stays_when_it_could_not_be_sent(page, article):
    text = page.locator("#composer textarea")
    text.fill("What helped me was warmth.")
    page.get_by_role("button", name="Keep a draft on this device").click()
    page.route("**/posts/", lambda route: route.abort())
    page.locator("#composer button[value=anonymous]").click()
    page.wait_for_url("chrome-error://**")
    page.unroute("**/posts/")
    page.goto(article.get_absolute_url())
    text.focus()
    assert text.input_value() == "What helped me was warmth."


def test_leaving_unsent_text_asks_first(page):
    questions = []
    page.on("dialog", lambda dialog: (questions.append(dialog.type), dialog.accept()))
    page.locator("#composer textarea").press_sequentially("Unsent")
    page.goto("/articles/")
    assert questions == ["beforeunload"]


def test_leaving_without_text_or_by_sending_asks_nothing(page):
    questions = []
    page.on("dialog", lambda dialog: (questions.append(dialog.type), dialog.accept()))
    page.locator("#composer textarea").press_sequentially("Sent")
    page.locator("#composer button[name=preview]").click()
    page.wait_for_url("**/posts/")
    page.locator("#composer button[value=anonymous]").click()
    page.wait_for_url("**/posts/sent/**")
    page.goto("/articles/")
    assert questions == []


def test_leaving_a_text_that_was_given_back_asks_first(page):
    questions = []
    page.on("dialog", lambda dialog: (questions.append(dialog.type), dialog.accept()))
    page.locator("#composer textarea").press_sequentially("Ring 020 7946 0018.")
    page.locator("#composer button[value=anonymous]").click()
    page.wait_for_url("**/posts/")
    page.goto("/articles/")
    assert questions == ["beforeunload"]


def test_a_draft_stays_when_its_text_is_given_back(page):
    page.locator("#composer textarea").fill("Ring 020 7946 0018.")
    page.get_by_role("button", name="Keep a draft on this device").click()
    page.locator("#composer button[value=anonymous]").click()
    page.wait_for_url("**/posts/")
    page.locator("#composer textarea").focus()
    page.get_by_role("button", name="Delete the draft from this device").wait_for()
    page.get_by_role("button", name="Post it as it is").click()
    page.wait_for_url("**/posts/sent/**")
    assert page.evaluate("localStorage.length") == 0


def test_a_button_stays_under_the_pointer_that_presses_it(page, article):
    """The count must not come up above it between pressing and letting go."""
    page.locator("#composer textarea").fill("What helped me was warmth.")
    page.locator("#composer button[name=preview]").click()
    page.wait_for_url("**/posts/")
    page.locator("#composer button[value=anonymous]").click()
    page.wait_for_url("**/posts/sent/**")
    assert article.posts.filter(source__startswith="What helped").exists()


def test_a_kept_link_fills_in_the_key_and_leaves_the_address(open_page):
    page = open_page("/manage/#heron-maple-quiet-seven-lantern-river-orbit")
    assert (
        page.locator("[name=key]").input_value()
        == "heron maple quiet seven lantern river orbit"
    )
    assert page.url.endswith("/manage/")


def select(page, passage, start, end):
    """Select characters of the first text of a passage, as a pointer would."""
    page.evaluate(
        """([selector, start, end]) => {
            const text = document.querySelector(selector).firstChild;
            getSelection().setBaseAndExtent(text, start, text, end);
        }""",
        [f".prose {passage}", start, end],
    )


def test_selected_words_can_be_discussed(page):
    select(page, "p", 0, 14)
    offer = page.get_by_role("link", name="Discuss this", exact=True)
    offer.wait_for()
    assert offer.get_attribute("href").endswith("?quote=Fascia%20is%20thin")
    offer.click()
    page.wait_for_url("**/passages/**")


def test_selected_words_of_a_heading_can_be_discussed(page):
    select(page, "h2 span", 0, 6)
    offer = page.get_by_role("link", name="Discuss this", exact=True)
    offer.wait_for()
    offer.click()
    page.wait_for_url("**/passages/*/?quote=How%20it")


def test_words_across_two_passages_are_not_one_quotation(page):
    page.evaluate(
        """() => {
            const [one, two] = document.querySelectorAll(".prose p");
            getSelection().setBaseAndExtent(one.firstChild, 0, two.firstChild, 5);
        }"""
    )
    page.wait_for_timeout(200)
    assert page.get_by_role("link", name="Discuss this", exact=True).count() == 0
