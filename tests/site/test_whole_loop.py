"""The whole loop in a browser: dispute, desk, revision, publication, correction."""

import json

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client

from discussion import letters
from tests.make import make_article

CLAIM = "It cures pain in the back for good."
BETTER = "It may ease pain in the back for a while."
TOLD = "We said that it cures pain. No study shows that; some found that it eases."


@pytest.fixture
def article(transactional_db):
    body = f"{CLAIM} Nobody knows why.\n\nSlow pressure is used."
    return make_article("fascia", title="What is fascia?", body=body)


def log_in(page, user):
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": client.cookies[name].value, "url": page.url}
    page.context.add_cookies([cookie])


@pytest.mark.browser
@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_a_dispute_becomes_a_correction_that_everybody_sees(
    open_page, article, edda, maya, javascript
):
    reader = open_page("/articles/fascia/", javascript=javascript)
    log_in(reader, maya)
    dispute(reader)
    editor = open_page("/", javascript=javascript)
    log_in(editor, edda)
    correct(editor)
    see_it_on_the_article(reader)
    see_it_everywhere_else(reader)
    letters.send_due()
    [letter] = mail.outbox
    assert letter.to == [maya.email]
    assert TOLD in letter.body


def dispute(reader):
    reader.goto("/articles/fascia/")
    reader.get_by_role("link", name="Discuss this passage").first.click()
    reader.get_by_label(CLAIM).check()
    reader.get_by_label("Your comment").fill("Which trial says so?")
    reader.get_by_label("I think this passage is wrong").check()
    with reader.expect_navigation():
        reader.get_by_role("button", name="Post as Maya Member").click()
    reader.goto("/articles/fascia/")
    reader.get_by_text("Disputed: 1 open").wait_for()
    assert reader.locator("mark.talked").inner_text() == CLAIM


def correct(editor):
    editor.goto("/admin/")
    editor.get_by_role("link", name=CLAIM).click()
    editor.get_by_text("Which trial says so?").wait_for()
    editor.get_by_role("link", name="Correct the article").click()
    body = editor.get_by_label("Body")
    body.fill(body.input_value().replace(CLAIM, BETTER))
    editor.get_by_label("What changed").fill("Less is promised.")
    editor.get_by_label("Kind of change").select_option("correction")
    editor.get_by_role("button", name="Save and publish…").click()
    asked = editor.locator("fieldset", has_text="your text touches its passage").last
    asked.get_by_label("Corrected because of it").check()
    editor.get_by_label("Correction for readers").fill(TOLD)
    editor.get_by_role("button", name="Publish revision 2").click()
    editor.get_by_text("Readers see revision 2 now.").wait_for()
    editor.goto("/admin/")
    editor.get_by_text("No passage is disputed.").wait_for()


def see_it_on_the_article(reader):
    reader.goto("/articles/fascia/")
    assert reader.get_by_text("Disputed: 1 open").count() == 0
    note = reader.locator(".corrections li").inner_text()
    assert "After Post 1" in note
    assert TOLD in note
    described = json.loads(reader.locator("[type='application/ld+json']").inner_text())
    assert [told["text"] for told in described["correction"]] == [TOLD]


def see_it_everywhere_else(reader):
    post = reader.locator("#post-1")
    assert TOLD in post.inner_text()
    assert "This passage has been changed since." in post.inner_text()
    post.get_by_role("link", name="See what changed").click()
    assert "cures" in reader.locator(".diff del").first.inner_text()
    reader.goto("/corrections/")
    assert reader.get_by_text(TOLD).count() == 1
    reader.goto("/articles/fascia/history/")
    assert reader.get_by_text(TOLD).count() == 1
    assert TOLD in reader.request.get("/feeds/corrections/").text()
