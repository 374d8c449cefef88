import re

import pytest
from django.contrib.auth.models import Group
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mfr_site import full_text
from mfr_site.full_text import CANDIDATES, MAX_QUERY, Entry

pytestmark = pytest.mark.django_db


def store(pk, title="", body="", kind="post"):
    full_text.store(Entry(kind, pk, title, body))


def make_groups(count, **entry):
    """Rows that could be shown, all findable by the same words: any model will do."""
    groups = [Group.objects.create(name=f"group {i}") for i in range(count)]
    for group in groups:
        store(group.pk, **entry)
    return groups


def find(text, visible=None, start=0, length=5):
    visible = Group.objects.all() if visible is None else visible
    return full_text.find("post", text, visible, start=start, length=length)


def test_finds_words_in_any_form_of_them():
    store(1, body="Rolling the calves slowly")
    assert full_text.match("post", "roll calf") == [1]
    assert full_text.match("post", "ROLLED") == [1]
    assert full_text.match("post", "massage") == []


def test_finds_words_without_their_accents():
    store(1, body="Mäkilä drank café au lait")
    assert full_text.match("post", "makila") == full_text.match("post", "Café") == [1]


def test_all_words_are_wanted_and_any_word_if_nothing_has_them_all():
    store(1, body="fascia and muscle")
    store(2, body="fascia")
    assert full_text.match("post", "fascia muscle") == [1]
    assert set(full_text.match("post", "fascia bicycle")) == {1, 2}


def test_a_question_is_answered_by_its_telling_words():
    store(1, body="Fibromyalgia: two trials")
    store(2, body="What it is and how it is done")
    assert full_text.match("post", "What is it about fibromyalgia?") == [1]


def test_a_phrase_in_quotes_is_wanted_as_it_stands():
    store(1, body="a trigger point")
    store(2, body="a point that may trigger pain")
    assert full_text.match("post", '"trigger point"') == [1]


def test_words_of_the_title_count_more():
    store(1, title="Rest", body="Fascia again and fascia and fascia")
    store(2, title="Fascia", body="Rest")
    assert full_text.match("post", "fascia") == [2, 1]


def test_kinds_are_apart():
    store(1, body="fascia", kind="revision")
    assert full_text.match("post", "fascia") == []
    assert full_text.match("post", "revision") == []


def test_new_words_replace_the_old():
    store(1, body="fascia")
    store(1, body="muscle")
    assert full_text.match("post", "fascia") == []
    assert full_text.match("post", "muscle") == [1]


def test_what_is_removed_is_not_found():
    store(1, body="fascia")
    full_text.remove("post", 1)
    full_text.remove("post", 1)
    assert full_text.match("post", "fascia") == []


def test_rewriting_replaces_everything():
    store(1, body="fascia")
    total = full_text.rewrite(Entry("post", i, "", "muscle") for i in range(2, 1202))
    assert total == 1200
    assert full_text.match("post", "fascia") == []
    assert len(full_text.match("post", "muscle")) == 1200
    store(2, body="bone")
    assert full_text.match("post", "bone") == [2]


def test_shows_only_what_the_caller_may_show():
    shown, _ = make_groups(2, body="fascia")
    results = find("fascia", Group.objects.filter(pk=shown.pk))
    assert [found.row for found in results.items] == [shown]
    assert (results.total, results.next_start) == (1, None)


def test_pages_follow_one_another():
    groups = make_groups(5, body="fascia")
    seen, start = [], 0
    while start is not None:
        page = find("fascia", start=start, length=2)
        seen += [found.row for found in page.items]
        start = page.next_start
    assert seen == groups[::-1]
    assert page.total == 5


def test_the_match_is_marked_and_nothing_else_is_markup():
    make_groups(1, body="Then <script>alert('fascia')</script> & <b>\x02fascia\x03</b>")
    (found,) = find("fascia").items
    assert "<mark>fascia</mark>" in found.excerpt
    assert "<" not in re.sub("</?mark>", "", found.excerpt)
    assert "&amp;" in found.excerpt


def test_a_long_text_is_shown_around_the_match():
    make_groups(1, body="before " * 300 + "fascia " + "after " * 300)
    (found,) = find("fascia").items
    assert "<mark>fascia</mark>" in found.excerpt
    assert len(found.excerpt.split()) <= full_text.EXCERPT_WORDS + 2


HOSTILE = [
    *("", " ", '"', '""', "'", "*", "-", "(", "fascia*", "title:fascia", "NEAR(a b)"),
    *(
        "a AND",
        "OR",
        "^a",
        "{title} : a",
        "\x00",
        "a\x00b",
        "'; DROP TABLE x",
        "\ud800",
    ),
    *(
        "%s %d %(a)s",
        "\\",
        "a\\",
        "<->",
        "!a | b & c",
        ":*",
        "²",
        "\u0301",
        "😀",
        "a" * 9999,
    ),
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_sign_has_a_meaning_or_breaks_a_search(text):
    store(1, title="fascia", body="muscle")
    assert full_text.match("post", text) in ([], [1])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text(max_size=60))
def test_any_text_can_be_searched_for_and_stored(db, text):
    store(1, title=text, body=text)
    assert full_text.match("post", text) in ([], [1])
    find(text)


def test_a_search_has_a_bounded_number_of_words():
    assert len(full_text.terms("a1 " * MAX_QUERY)) == full_text.MAX_TERMS
    assert full_text.terms("x" * 10_000) == ["x" * MAX_QUERY]


def test_a_word_in_every_text_is_answered_from_the_newest():
    full_text.rewrite(Entry("post", i, "", "fascia") for i in range(1, CANDIDATES + 10))
    found = full_text.match("post", "fascia")
    assert len(found) == CANDIDATES
    assert min(found) == 10
