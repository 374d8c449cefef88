"""Who may do what: `tests/roles.yaml`, tried at every address that the site has.

A new address fails here until somebody has thought about it and written it down; the
failure shows the line as the address answers now. The words of the file:

    ok        the page            login    asked to log in      none     404, as if it
    next      a redirect, done    prove    asked who it is               were not there
    form      given back          no       403, refused         method   405, not so
"""

import re
from pathlib import Path

import pytest
import yaml
from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, get_resolver, reverse

from discussion.authors import Speaker
from discussion.models import Credential, CredentialType, Post
from discussion.submission import Submission
from mfr_site.models import SiteRules
from mfr_site.newsroom.rights import grant
from tests.accounts.doors import make_account
from tests.make import make_article

pytestmark = pytest.mark.django_db

FILE = Path(__file__).parent.parent / "roles.yaml"
ROLES = ["guest", "member", "owner", "editor", "superuser"]
# Django's helpers within admin, which are no pages of ours.
SKIPPED = re.compile(r"admin:(autocomplete|jsi18n|view_on_site|app_list)")
# What the number in an address is of, where it is no object of admin's own pages.
PK_OF = {
    "author": re.compile("_let_speak$"),
    "article": re.compile(
        "^admin:articles_article_(preview|withdraw|reinstate|address|review|answers)$"
    ),
    "revision": re.compile("^admin:(articles_article_|publish$)"),
    "post": re.compile(""),
}
REFUSALS = {"login", "prove", "no", "none", "method"}
WRITES = re.compile(r"INSERT|UPDATE|DELETE|REPLACE")
# Who is logged in, and what a cache holds, is not what an act changes.
NOT_COUNTED = re.compile(r'"(django_session|usersessions_usersession|cache)"')


def addresses(patterns, prefix="", arguments=()):
    """Every named address: its name and the names of its arguments."""
    for pattern in patterns:
        own = tuple(re.findall(r"[:<](\w+)>", str(pattern.pattern)))
        if isinstance(pattern, URLPattern):
            name = f"{prefix}{pattern.name}"
            if pattern.name and not SKIPPED.match(name):
                yield name, arguments + own
        else:
            space = getattr(pattern, "namespace", None)
            inner = f"{prefix}{space}:" if space else prefix
            yield from addresses(pattern.url_patterns, inner, arguments + own)


ADDRESSES = dict(sorted(addresses(get_resolver().url_patterns)))


@pytest.fixture
def world(db):
    """An article, posts of its owner and of others, and one person for each role."""
    grant()
    # Made when admin first shows it.
    SiteRules.objects.create(pk=1)
    people = {
        "member": make_account("sam"),
        "owner": make_account("maya"),
        "editor": make_account("edda", is_staff=True),
        "superuser": make_account("ada", is_staff=True, is_superuser=True),
    }
    people["editor"].groups.add(
        apps.get_model("auth.Group").objects.get(name="Editors")
    )
    article = make_article("the-article")
    speaker = Speaker(article, user=people["owner"])
    post = Post.objects.submit(Submission(article, speaker, "What helped me was time."))
    register = CredentialType.objects.create(name="RMT", register_url="https://x.org/")
    credential = Credential.objects.show(people["owner"], "RMT", register, "", "1")
    people["owner"].authenticator_set.create(type="totp", data={"secret": "x"})
    return {
        "sessions": {role: session_of(person) for role, person in people.items()},
        "slug": article.slug,
        "post": post.pk,
        "author": post.author.pk,
        "credential": credential.pk,
        "user": people["owner"].pk,
        "article": article.pk,
        "revision": article.latest.pk,
    }


def session_of(person):
    client = Client()
    client.force_login(person)
    return client.cookies["session"].value


def path_of(name, arguments, world):
    """The address of something that belongs to the owner; or of nothing."""
    known = {
        "slug": world["slug"],
        "username": "maya",
        "number": 1,
        "a": world["revision"] if name.startswith("admin:") else 1,
        "b": world["revision"] if name.startswith("admin:") else 1,
        "key": "abcdef",
        "token": "x" * 43,
        "path": "none.png",
        "url": "about/",
        "code": "x",
    }
    known["pk"] = world[
        next(what for what, names in PK_OF.items() if names.search(name))
    ]
    for model in ("user", "article", "credential", "post", "revision"):
        if f"_{model}_" in name:
            known["object_id"] = known["id"] = world[model]
    known.setdefault("object_id", 0)
    known.setdefault("id", 0)
    kwargs = {argument: known.get(argument, 1) for argument in arguments}
    return reverse(name, kwargs=kwargs)


def outcome(response):
    where = response.get("Location", "")
    if "/accounts/login/" in where or "/admin/login/" in where:
        return "login"
    if "/reauthenticate/" in where:
        return "prove"
    words = {2: "ok", 3: "next", 4: "form", 5: "failed"}
    exact = {403: "no", 404: "none", 405: "method", 410: "none", 429: "form"}
    code = response.status_code
    return exact.get(code, words[code // 100])


def rows():
    """Every row of every table, but for who is logged in."""
    return {
        model: sorted(map(str, model._base_manager.values_list()))
        for model in apps.get_models()
        if not NOT_COUNTED.search(f'"{model._meta.db_table}"')
    }


def ask(world, role, method, path):
    """One request, undone afterwards: its outcome, and whether it tried to write."""
    with transaction.atomic():
        client = Client(raise_request_exception=False)
        if role != "guest":
            client.cookies["session"] = world["sessions"][role]
        connection.queries_log.clear()
        with CaptureQueriesContext(connection) as queries:
            answer = outcome(getattr(client, method)(path))
        written = [query["sql"] for query in queries if WRITES.match(query["sql"])]
        before_it_is_undone = rows() if any(map(counts, written)) else None
        transaction.set_rollback(True)
    return answer, before_it_is_undone


def counts(sql):
    return not NOT_COUNTED.search(sql)


def tried(world, role, names=None):
    """What each address answers to somebody. What is refused must change nothing."""
    found, untouched = {}, rows()
    for name, arguments in ADDRESSES.items():
        if names is not None and name not in names:
            continue
        path = path_of(name, arguments, world)
        for method in ("get", "post"):
            answer, afterwards = ask(world, role, method, path)
            if afterwards and (method == "get" or answer in REFUSALS):
                assert afterwards == untouched, f"{method} {path} by {role}"
            found[name, method] = answer
    return found


def rules():
    """The file: for each address and method, the outcome by role."""
    for name, line in yaml.safe_load(FILE.read_text()).items():
        for method, words in line.items():
            outcomes = str(words).split()
            yield (
                (name, method),
                dict(zip(ROLES, outcomes * (len(ROLES) // len(outcomes)), strict=True)),
            )


def line_of(name, found):
    """The line of the file for an address, as it answers now."""
    words = {
        method: " ".join(found[role][name, method] for role in ROLES)
        for method in ("get", "post")
    }
    for method, said in words.items():
        if len(set(said.split())) == 1:
            words[method] = said.split()[0]
    return f"{name}: {{get: {words['get']}, post: {words['post']}}}"


def test_every_address_is_in_the_file_and_no_other(world):
    known = {name for (name, _), _ in rules()}
    assert known - set(ADDRESSES) == set()
    if missing := set(ADDRESSES) - known:
        found = {role: tried(world, role, missing) for role in ROLES}
        lines = "\n".join(line_of(name, found) for name in sorted(missing))
        pytest.fail(f"Think, and write into {FILE.name}:\n{lines}")


@pytest.mark.parametrize("role", ROLES)
def test_the_file_says_what_happens(world, role):
    found = tried(world, role)
    assert "failed" not in found.values()
    wrong = {
        f"{method} {name}": f"{found[name, method]}, and the file says {by_role[role]}"
        for (name, method), by_role in rules()
        if (name, method) in found and found[name, method] != by_role[role]
    }
    assert wrong == {}
