"""What search engines read about an article: schema.org in JSON-LD."""

import json
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from .models import Revision, Told

# Inside a script element these characters could end it or start a comment.
UNSAFE_IN_SCRIPT = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def members(revision: Revision, corrections: Iterable[Told] = ()) -> SafeString:
    """The article as a MedicalWebPage: the JSON object's members, without its braces.

    Says only what a reader can see on the page. The template adds the number of posts,
    which changes with every post.
    """
    article = revision.article
    address = settings.SITE_URL + article.get_absolute_url()
    page: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "MedicalWebPage",
        "url": address,
        "headline": revision.title,
        "description": revision.description or revision.standfirst,
        "inLanguage": "en",
        "author": {"@type": "Organization", "name": revision.byline},
        "publisher": {
            "@type": "Organization",
            "name": settings.SITE_NAME,
            "url": settings.SITE_URL + "/",
        },
        "audience": {"@type": "PeopleAudience", "audienceType": "patients and public"},
        "citation": revision.citations,
        "discussionUrl": f"{address}#discussion",
        **_dates(revision),
        **_reviewer(revision),
        **_corrections(corrections),
    }
    return mark_safe(json.dumps(page)[1:-1].translate(UNSAFE_IN_SCRIPT))  # noqa: S308


def _dates(revision: Revision) -> dict[str, str]:
    article = revision.article
    dates = {
        "datePublished": article.first_published_at,
        "dateModified": revision.go_live_at,
        "lastReviewed": article.last_reviewed_on,
    }
    return {name: when.isoformat() for name, when in dates.items() if when}


def _reviewer(revision: Revision) -> dict[str, Any]:
    """Only where a clinician's review is recorded: never a name nobody can check."""
    review = revision.article.clinical_review
    if review is None:
        return {}
    person = {"@type": "Person", "name": review.reviewer_name}
    if review.reviewer_role:
        person["jobTitle"] = review.reviewer_role
    if review.register_url:
        person["sameAs"] = review.register_url
    return {"reviewedBy": person}


def _corrections(corrections: Iterable[Told]) -> dict[str, Any]:
    told = [
        {
            "@type": "CorrectionComment",
            "text": correction.text,
            "datePublished": correction.at.isoformat(),
            "url": settings.SITE_URL + correction.get_absolute_url(),
        }
        for correction in corrections
    ]
    return {"correction": told} if told else {}
