"""Many people post to real processes at once: the numbers, and nobody's text lost."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from bench.data import members
from bench.load import fetch
from bench.servers import gunicorn
from bench.writing import post
from tests.make import make_article
from tests.serving import environment

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]
PEOPLE = 50


def test_fifty_people_at_once_get_fifty_numbers(tmp_path):
    article = make_article("fascia")
    path = article.get_absolute_url()
    together = Barrier(PEOPLE)

    def say(number, cookie):
        together.wait()
        answer = post(site, path, cookie, f"Said by number {number} of many.")
        return answer, f"number {number} of many.".encode() in fetch(site, path)[2]

    with (
        gunicorn("mfr_site.wsgi", **environment(tmp_path)) as site,
        ThreadPoolExecutor(PEOPLE) as people,
    ):
        said = list(people.map(say, range(PEOPLE), members(PEOPLE)))

    # Each is accepted, and is on the page from the very next read on.
    assert said == [(303, True)] * PEOPLE
    numbers = article.posts.published().order_by("number").values_list("number")
    assert [number for (number,) in numbers] == list(range(1, PEOPLE + 1))
    article.refresh_from_db()
    assert (article.post_count, article.last_post_number) == (PEOPLE, PEOPLE)
