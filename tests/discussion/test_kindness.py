"""Hints to somebody who writes: found, offered, and seen by nobody else."""

import pytest

from discussion import queue
from discussion.kindness import MASK, Hints
from discussion.models import Post, Report
from mfr_site.models import SiteRules
from tests.discussion.sending import elsewhere, posts_of, send
from tests.make import make_article

ACUTE = """
I want to kill myself.
I\N{RIGHT SINGLE QUOTATION MARK}m going to end my life tonight.
I feel suicidal again and nobody listens.
I don't want to live any more with this pain.
Honestly I wish I was dead.
My family would be better off without me.
There is no reason to live like this.
I keep thinking about suicide.
I am planning to take my own life.
I took all my pills an hour ago.
I can't go on like this anymore.
I might hurt myself if it goes on.
I will hang myself.
I do not want to wake up.
thoughts of ending my life every day
I want to cut myself.
Ich will nicht mehr leben.
Ich werde mich umbringen.
I need to die
I'm so suicidal since the treatment failed
""".strip().splitlines()
PAST_OR_METAPHOR = """
This massage gun is killing me, it is so loud.
I nearly died laughing.
My brother took his own life ten years ago.
The pain was murder after the session.
Sitting all day is slow suicide for the back.
He was suicidal in 2010 and is well now.
I would kill for a good night's sleep.
My phone died in the waiting room.
Years ago I had such thoughts, and therapy helped.
The deadline is killing my neck.
I was dead tired after it.
I want to die for this chocolate cake.
That joke was to die for.
The battery of my roller is dead.
She survived an overdose as a child.
The nerve felt dead for an hour.
I want to end it all: the subscription, the apps, the gadgets.
The session was overkill.
My plants died while I was away.
It hurts, but it will not kill me.
""".strip().splitlines()
MEDICAL = """
The study looked at a suicide gene in fibroblasts.
Cutting scar tissue is a different operation.
The dead tissue is removed.
An overdose of ibuprofen harms the kidneys.
Programmed cell death keeps tissue healthy.
The drug has a warning about suicidal behaviour.
Self-harm was an exclusion criterion of the trial.
Killer cells are part of the immune system.
The cutting angle of the instrument is small.
Terminal branches of the nerve end there.
Hanging from a bar stretches the shoulders.
Dead lifts helped my back.
Suicide rates are higher in chronic pain, says the review.
The trigger point was deactivated.
End range of motion improved.
Fatal bleeding is very rare.
The needle cuts through fascia.
A lethal dose was never near.
Mortality did not differ between the groups.
The end of life care team uses gentle touch.
""".strip().splitlines()


def test_the_corpus_is_whole():
    assert (len(ACUTE), len(PAST_OR_METAPHOR), len(MEDICAL)) == (20, 20, 20)


@pytest.mark.parametrize("text", ACUTE)
def test_somebody_in_danger_is_heard(text):
    assert Hints(text).is_acute


def test_few_others_are_taken_for_it():
    others = PAST_OR_METAPHOR + MEDICAL
    assert sum(Hints(text).is_acute for text in others) <= 8


@pytest.mark.parametrize(
    ("text", "kinds", "masked"),
    [
        ("Time helped.", [], "Time helped."),
        ("From 2019 to 2024, 3 x 10 reps, 12.5 mg", [], None),
        ("See 10.1016/j.jbmt.2015.08.007 or PMID 12345678.", [], None),
        ("Write to anna.m@example.org!", ["an e-mail address"], f"Write to {MASK}!"),
        ("Ring 020 7946 0018.", ["a phone number"], f"Ring {MASK}."),
        ("Ring +49 (30) 901820-12", ["a phone number"], f"Ring {MASK}"),
        ("NHS 943 476 5919", ["an insurance number"], f"NHS {MASK}"),
        ("I am QQ 12 34 56 C.", ["an insurance number"], f"I am {MASK}."),
        ("12 Elm Tree Road, SW1A 2AA", ["an address"], f"{MASK}, {MASK}"),
        ("Parkstraße 12a", ["an address"], MASK),
        ("My patient Anna Miller sleeps.", ["the name of somebody treated"], None),
        ("Dr Smith pressed.", ["the name of a practitioner"], f"{MASK} pressed."),
    ],
)
def test_what_says_who_somebody_is_can_be_masked(text, kinds, masked):
    hints = Hints(text)
    assert hints.personal == kinds
    if masked is not None:
        assert hints.masked == masked


@pytest.mark.parametrize(
    "text",
    [
        "I have chest pain since the session.",
        "Numbness in my saddle area",
        "I can't control my bladder",
        "I can\N{RIGHT SINGLE QUOTATION MARK}t feel my legs",
    ],
)
def test_what_a_doctor_should_see_is_said(text):
    assert Hints(text).has_red_flag
    assert not Hints("My chest is open and my legs feel light.").has_red_flag


def test_editors_add_words_of_their_own():
    site = SiteRules(crisis_words="no veo salida\n", red_flags="Coughing Up Blood\n")
    assert Hints("Ya no veo SALIDA, amigos.", site).is_acute
    assert not Hints("no veo salidas", site).is_acute
    assert Hints("I was coughing up blood.", site).has_red_flag
    assert not Hints("Ya no veo salida.").is_acute


def test_words_of_the_editors_raise_a_post_and_hold_nothing(article):
    SiteRules(crisis_words="no veo salida").save()
    client = elsewhere()
    answer = send(client, article, "No veo salida.")
    assert Post.objects.get().is_published
    assert Post.objects.get().is_urgent
    assert "116 123" in client.get(answer.url).content.decode()
    _, text = preview(article, "No veo salida.")
    assert "116 123" in text


@pytest.fixture
def article(db):
    return make_article("fascia")


def preview(article, body, how="1"):
    form = {"body": body, "as": "anonymous", "preview": how}
    page = elsewhere().post(posts_of(article), form)
    return page, page.content.decode()


def test_a_preview_offers_the_text_without_it(article, valid_html):
    body = "Ring me on 020 7946 0018. Chest pain too. I feel suicidal."
    page, text = preview(article, body)
    valid_html(page)
    assert "a phone number" in text
    assert "Please ask a doctor today" in text
    assert "116 123" in text

    _, masked = preview(article, body, "masked")

    assert "020 7946" not in masked
    assert f"Ring me on {MASK}." in masked
    assert not Post.objects.exists()


def test_it_says_what_it_found():
    hints = Hints("Dr Smith, 020 7946 0018, anna.m@example.org. Yes, 020 7946 0018.")
    assert hints.found == {
        "an e-mail address": ["anna.m@example.org"],
        "a phone number": ["020 7946 0018"],
        "the name of a practitioner": ["Dr Smith"],
    }


SAID = Hints("Ring 020 7946 0018.").signs


@pytest.mark.parametrize(
    ("text", "seen", "asks", "has_news"),
    [
        ("Time helped.", set(), False, False),
        ("Ring 020 7946 0018.", set(), True, True),
        ("Ring 020 7946 0018.", SAID, False, False),
        ("Do ring 020 7946 0018!", SAID, False, False),
        ("Ring 020 7946 0019.", SAID, True, True),
        ("Ring 020 7946 0018 or a@b.example.", SAID, True, True),
        ("Time helped.", SAID, False, False),
        ("I have chest pain.", set(), False, True),
        ("I have chest pain.", {"red-flag"}, False, False),
        ("I have chest pain. Ring 020 7946 0018.", SAID, False, True),
        ("I want to die. Ring 020 7946 0018.", set(), False, True),
        ("I want to die. Ring 020 7946 0018.", {"acute"} | SAID, False, False),
    ],
)
def test_a_writer_is_asked_once_for_each_thing_and_never_in_danger(
    text, seen, asks, has_news
):
    hints = Hints(text)
    assert hints.asks_first(seen) is asks
    assert hints.has_news(seen) is has_news


def test_an_ordinary_preview_says_nothing(article):
    _, text = preview(article, "Time helped me.")
    assert "Only you see this" not in text
    assert "personal-h" not in text


def test_it_is_published_raised_and_seen_by_nobody_else(article):
    client = elsewhere()
    answer = send(client, article, "I want to kill myself.")
    post = Post.objects.get()
    assert post.is_published
    assert post.is_urgent
    assert list(Post.objects.waiting()) == [post]
    assert "116 123" in client.get(answer.url).content.decode()

    send(elsewhere(), article, "Time helped.")
    there = elsewhere().get(article.get_absolute_url()).content.decode()
    ours, other = (
        there[there.index(f'id="post-{n}"') :].partition("</article>")[0]
        for n in (1, 2)
    )
    for theirs in (ours, other):
        assert "urgent" not in theirs
        assert "Only you" not in theirs
    assert elsewhere().get("/moderation/").content.count(b"Post 1") == 0


@pytest.mark.parametrize("heard_by", ["words", "reader"])
def test_that_a_moderator_has_looked_is_seen_by_nobody_either(article, edda, heard_by):
    words = "I want to kill myself." if heard_by == "words" else "I am so tired."
    client = elsewhere()
    send(client, article, words)
    post = Post.objects.get()
    if heard_by == "reader":
        Report.objects.take(post, "worried", "", by=None)

    queue.decide(post.pk, queue.stamp(post), "approve", queue.Choice(edda))

    assert not Post.objects.waiting().exists()
    assert "Post 1" not in elsewhere().get("/moderation/").content.decode()


def test_what_was_reported_for_another_reason_is_public_as_ever(article, edda):
    send(elsewhere(), article, "I want to kill myself.")
    post = Post.objects.get()
    Report.objects.take(post, "spam", "", by=None)
    queue.decide(post.pk, queue.stamp(post), "approve", queue.Choice(edda))
    assert "Kept" in elsewhere().get("/moderation/").content.decode()


def test_a_member_sees_the_notice_too(article, client, maya):
    client.force_login(maya)
    answer = send(client, article, "I don't want to live any more.", way="member")
    assert "116 123" in client.get(answer.url).content.decode()


@pytest.mark.parametrize("shape", ["a.", "1 ", "0 1", "I want to ", "A a ", "@", "(0"])
def test_no_text_takes_long(shape):
    """Each pattern looks at few characters from each place: work grows with the text."""
    hints = Hints((shape * 10_000)[:10_000])
    assert isinstance(hints.masked + str(hints.is_acute), str)
