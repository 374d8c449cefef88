"""What stands beside a post of its writer's profession: three levels, and their life."""

from datetime import date

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError

from discussion.authors import Speaker, new_key
from discussion.models import Credential, CredentialType, Post, PostCredential
from discussion.submission import Submission
from tests.make import make_article

pytestmark = pytest.mark.django_db


@pytest.fixture
def register():
    return CredentialType.objects.create(
        name="RMT, register of British Columbia", register_url="https://example.org/"
    )


@pytest.fixture
def claim(maya):
    return Credential.objects.show(maya, "RMT")


@pytest.fixture
def asked(maya, register):
    return Credential.objects.show(
        maya, "RMT", register, "https://example.org/maya", "No. 123-45"
    )


def test_own_words_are_shown_as_not_checked(claim):
    assert claim.text == "says: “RMT” (not checked)"


def test_what_an_editor_found_is_shown_with_its_month(asked, edda):
    asked.confirm(edda, date(2026, 11, 5))
    assert asked.text == "RMT, register of British Columbia, checked November 2026"


def test_until_an_editor_has_looked_nothing_changes(asked):
    assert asked.text == "says: “RMT” (not checked)"
    assert list(Credential.objects.waiting()) == [asked]


@pytest.mark.parametrize("decision", ["confirm", "refuse", "make_reviewer", "withdraw"])
def test_the_proof_is_gone_with_the_decision(asked, edda, decision):
    answer = ["Not there."] if decision in {"refuse", "withdraw"} else []
    getattr(asked, decision)(edda, *answer)
    asked.refresh_from_db()
    assert (asked.proof_url, asked.proof_number, asked.asked_at) == ("", "", None)
    kept = str(list(Credential.objects.values()))
    assert "123" not in kept.replace(asked.number_digest, "")
    assert "example.org/maya" not in kept


def test_the_holder_is_told_by_mail_without_a_word_of_health(asked, edda, maya):
    asked.refuse(edda, "We did not find you.")
    message = mail.outbox[-1]
    assert message.to == [maya.email]
    assert "RMT" not in message.subject + message.body


def test_a_refusal_leaves_the_own_words(asked, edda):
    asked.refuse(edda, "We did not find you.")
    assert asked.text == "says: “RMT” (not checked)"


def test_after_a_year_it_is_shown_as_lapsed(asked, edda):
    asked.confirm(edda, date(2025, 3, 10))
    with time_machine.travel("2026-03-10"):
        assert not asked.is_lapsed
    with time_machine.travel("2026-03-11T12:00Z"):
        assert asked.text.endswith("checked March 2025, not renewed")
        assert list(Credential.objects.lapsed()) == [asked]


def test_other_words_than_were_checked_are_not_checked(asked, edda, maya):
    asked.confirm(edda)
    new = Credential.objects.show(maya, "RMT and teacher")
    assert new.text == "says: “RMT and teacher” (not checked)"
    assert Credential.objects.held_by(maya) == new


def test_one_at_a_time(claim, maya):
    with pytest.raises(IntegrityError):
        Credential.objects.create(user=maya, title="Another")


def test_the_same_number_from_two_people_is_seen(asked, sam, register):
    other = Credential.objects.show(sam, "RMT", register, "", "no 12345")
    assert list(asked.others_with_this_number) == [other]


# --- Beside posts


def say(article=None, *, user=None, key=None):
    """What somebody posts through the front door."""
    article = article or make_article()
    speaker = Speaker(article, user=user, key=key)
    body = f"What helped me was time. ({article.posts.count()})"
    return Post.objects.submit(Submission(article, speaker, body))


def test_a_post_keeps_what_held_when_it_was_written(asked, edda, maya, client):
    first = say(user=maya)
    asked.confirm(edda, date(2026, 11, 5))
    second = say(first.article, user=maya)
    asked.withdraw(edda, "Removed from the register.")
    third = say(first.article, user=maya)
    assert first.credential.text == "says: “RMT” (not checked)"
    assert second.credential.text.endswith("checked November 2026")
    assert not PostCredential.objects.filter(post=third).exists()


def test_the_badge_leads_to_what_holds_today(asked, edda, maya, client, valid_html):
    asked.confirm(edda, date(2025, 3, 10))
    with time_machine.travel("2025-06-01T12:00Z"):
        post = say(user=maya)
    page = client.get(post.article.get_absolute_url()).content.decode()
    where = f"{post.get_absolute_url()}credential/"
    assert f'href="{where}"' in page
    assert "checked March 2025" in page
    with time_machine.travel("2026-06-01T12:00Z"):
        today = client.get(where)
    text = today.content.decode()
    assert "checked March 2025</dd>" in text
    assert "checked March 2025, not renewed</dd>" in text
    assert "noindex" in text
    valid_html(today)


def test_a_post_without_one_has_no_such_page(client):
    post = say()
    assert client.get(f"{post.get_absolute_url()}credential/").status_code == 404


def test_a_deleted_post_takes_it_along(claim, maya):
    post = say(user=maya)
    post.delete_by_author()
    assert not PostCredential.objects.exists()


# --- On a post key


def test_a_key_shows_the_credential_and_no_name(client, register, edda):
    key, _ = new_key()
    held = Credential.objects.show(key, "RMT", register, "", "77")
    held.confirm(edda, date(2026, 11, 5))
    post = say(key=key)
    page = client.get(post.article.get_absolute_url()).content.decode()
    assert post.author.label in page
    assert "register of British Columbia, checked November 2026" in page


def test_nothing_of_it_leads_from_one_discussion_to_another(client):
    """The pages behind two badges of one key share no address and no number."""
    key, _ = new_key()
    Credential.objects.show(key, "RMT")
    posts = [say(make_article(slug), key=key) for slug in ("one", "two")]
    # Two drawn labels may be the same one.
    for post, label in zip(posts, ("Anonymous Heron", "Anonymous Wren"), strict=True):
        post.author.label = label
        post.author.save()
    pages = [
        client.get(f"{post.get_absolute_url()}credential/").content.decode()
        for post in posts
    ]
    for page, other in zip(pages, reversed(posts), strict=True):
        assert other.get_absolute_url() not in page
        assert other.author.label not in page


def test_a_key_that_becomes_part_of_an_account_brings_it_along(maya):
    key, _ = new_key()
    held = Credential.objects.show(key, "RMT")
    say(key=key)
    key.hand_over(maya)
    assert Credential.objects.held_by(maya) == held
