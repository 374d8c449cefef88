"""A small site that has one of everything which an export carries."""

import io
from datetime import date, timedelta

from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image as Pillow

from articles.models import (
    Article,
    Image,
    Related,
    Review,
    Source,
    StandingPage,
    Topic,
)
from discussion.models import (
    Anchor,
    Credential,
    CredentialType,
    Post,
    PostCredential,
)
from discussion.publishing import publish
from mfr_site.models import LoadedContent
from tests.make import make_article, make_author, make_draft, make_post, make_quotation

CLAIM = "It cures pain in the back for good."
BODY = f"{CLAIM}\n\nSlow pressure helps some.[^who-2020]\n\n- One\n- Two\n"
SCRIPT = "---\nnot: front matter\n---\n\n"


def make_site(edda, maya):
    """The article that has most of it."""
    _make_library()
    topic = Topic.objects.get(slug="care")
    rolling = make_article("old-rolling", title="Rolling", body=BODY, topics=[topic])
    rolling.change_slug("rolling")
    other = make_article("other", body=SCRIPT + "Naïve “text”  \nwith \u2028 signs.\n")
    Related.objects.pick(rolling, [other])
    _make_discussion(rolling, edda, maya)
    _make_revisions(rolling, edda)
    make_draft("draft", author=edda)
    gone = make_article("gone", author=edda)
    make_post(gone, "Under a withdrawn article.")
    gone.withdraw(edda, "It was wrong.")
    LoadedContent.objects.create(ref="article:rolling", digest="abc")
    return rolling


def _make_library():
    Topic(slug="care", title="Care", description="Of yourself.", position=3).save()
    Topic(slug="basics", title="Basics", description="First.", position=3).save()
    fields = {"title": "A trial", "year": "2020", "kind": "trial"}
    Source.objects.create(key="who-2020", authors="Who A", **fields)
    dead = {"url": "https://gone.example/", "dead_since": date(2024, 2, 29)}
    Source.objects.create(key="dead-2019", **fields, **dead)
    out = io.BytesIO()
    Pillow.new("RGB", (40, 30), "teal").save(out, "PNG")
    image = Image(name="roller", alt="A roller", credit="Us", caption="Teal")
    image.take_upload(ContentFile(out.getvalue()))
    image.save()
    StandingPage(url="/about/", title="About", source="We *are*.\n").save()
    StandingPage(url="/about/us/", title="Us", description="D", source="x").save()
    CredentialType.objects.create(
        name="HCPC", register_url="https://register.example/", is_reserved=True
    )


def _make_discussion(article, edda, maya):
    credential = Credential.objects.show(maya, "Physiotherapist")
    hers = make_author(article, maya)
    first = make_post(article, "First, by a *member*.", author=hers)
    PostCredential.take(Post.objects.get(pk=first.pk))
    credential.take_off()
    answer = make_post(article, "Answer to @maya and Post 1.", parent=first)
    make_post(article, "Deeper.", parent=answer, author=hers)
    make_post(
        article, "For the editors.", author=make_author(article, edda), by_editor=1
    )
    make_quotation(article, CLAIM, "Which trial?", disputes=True, author=hers)
    asked = make_quotation(article, "Slow pressure", "Sure?", disputes=True)
    asked.dispute.answer_with("Yes: *one* trial.", edda)
    _make_tombstones(article, edda, first)
    _make_edited(article)
    held = Post(article=article, author=make_author(article))
    held.write("canary-held")
    held.save()
    make_post(article, "canary-last").delete_by_author()
    article.refresh_from_db()


def _make_tombstones(article, edda, first):
    by_author = make_post(article, "canary-author", parent=first)
    make_post(article, "Answer to what went.", parent=by_author)
    by_author.delete_by_author()
    make_post(article, "canary-moderator").remove(edda, "spam", "canary-note")
    make_quotation(article, "Slow pressure", "canary-hidden").hide("reports", "canary")
    make_post(article, "Came back.").remove(edda, "other")
    Post.objects.get(source="Came back.").restore(edda)
    # Two people who are called alike, and a number that nobody has any more.
    label = make_author(article)
    label.label = "Maya Member"
    label.save()
    make_post(article, "Another of that name.", author=label)
    Post.objects.filter(pk=make_post(article, "No row.").pk).delete()


def _make_edited(article):
    post = make_post(article, "As it was.", at=timezone.now() - timedelta(hours=2))
    post.edit("As it is.", post.author)
    post.append_update("And later.")
    secret = make_post(article, "canary-edited-out")
    secret.edit_out("Without it.", None)


def _make_revisions(article, edda):
    dispute = Anchor.objects.get(exact=CLAIM).post.dispute
    better = BODY.replace("cures", "may ease")
    revision = article.revise(
        edda, based_on=article.latest, body=better, summary="Milder"
    )
    review = Review(
        revision=revision,
        kind=Review.Kind.CLINICAL,
        on=date(2026, 1, 2),
        reviewer_name="Dr Ruth Register",
        reviewer_role="Physiotherapist",
    )
    outcomes = {dispute: "corrected"}
    publish(revision, edda, correction="We said that it cures.", outcomes=outcomes)
    article.record_review(review)
    article.revise(edda, based_on=article.latest, body=better + "\nA draft.\n")
    Article.objects.filter(pk=article.pk).update(featured=True, discussion_open=False)
