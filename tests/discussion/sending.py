"""What people send from the pages of a discussion, as their browsers would."""

import re
from itertools import count

from django.test import Client

# What a browser says of a form on our own page (mfr_site/csrf.py).
OURS = {"Sec-Fetch-Site": "same-origin"}

_addresses = count(1)


def elsewhere(**defaults):
    """A browser in a network of its own, which no limit has met."""
    number = next(_addresses)
    return Client(REMOTE_ADDR=f"198.18.{number // 250}.{number % 250 + 1}", **defaults)


def posts_of(article):
    return f"/articles/{article.slug}/posts/"


def send(client, article, body="What helped me was time.", way="anonymous", **fields):
    form = {"body": body, "as": way} | fields
    return client.post(posts_of(article), form, headers=OURS)


def words_of(client, answer):
    """The words of the new post key, as the page after posting shows them."""
    page = client.get(answer.url).content.decode()
    return re.search(r'class="post-key">([a-z ]+)<', page)[1]


def textarea(page):
    """What stands in the composer of a page."""
    found = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", text(page), re.DOTALL)
    return found[1].replace("\r\n", "\n")


def text(page):
    return page.content.decode()
