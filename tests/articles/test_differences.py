import re
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from articles.differences import between, words

WORDS = st.lists(st.sampled_from(["pain", "eases", "for", "a", "while,", "<b>", "&"]))
TOLD = re.compile(r'<span class="vh">.*?</span>')


def block(key, text="some text"):
    return SimpleNamespace(key=key, kind="p", text=text)


def told(before, after):
    return [
        (part.what, part.key, part.count)
        for part in between([block(k) for k in before], [block(k) for k in after])
    ]


def side(html, kept, dropped):
    """One of the two texts, read back out of their difference."""
    html = TOLD.sub("", html)
    html = re.sub(rf"<{dropped}>.*?</{dropped}>", "", html, flags=re.DOTALL)
    text = re.sub(rf"</?{kept}>", "", html)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def test_words_are_told_apart():
    html = words("Pain goes for good.", "Pain may ease for good.")
    assert "<del>" in html
    assert "Pain <del>" in html
    assert html.endswith(" for good.")


def test_it_is_said_in_words_too():
    assert "[taken out: " in words("old words here", "here")
    assert "[put in: " in words("here", "here new words")


def test_markup_in_a_text_is_shown_and_never_run():
    html = words("safe", "<script>alert(1)</script>")
    assert "<script>" not in html
    assert "&lt;" in html


@given(WORDS, WORDS)
def test_both_texts_can_be_read_out_of_the_difference(before, after):
    before, after = " ".join(before), " ".join(after)
    html = words(before, after)
    assert side(html, kept="del", dropped="ins") == before
    assert side(html, kept="ins", dropped="del") == after


def test_a_very_long_text_is_told_whole():
    html = words("a " * 4000, "b " * 4000)
    assert html.count("<del>") == html.count("<ins>") == 1


def test_unchanged_passages_are_counted():
    assert told("abc", "abc") == [("same", "a", 3)]


def test_new_and_removed_passages_stand_where_they_stood():
    assert told("abc", "axc") == [
        ("same", "a", 1),
        ("removed", "b", 1),
        ("added", "x", 1),
        ("same", "c", 1),
    ]


def test_a_passage_that_moved_is_no_removal():
    assert told("abcd", "adbc") == [
        ("same", "a", 1),
        ("moved", "d", 1),
        ("same", "b", 2),
    ]


def test_a_rewritten_passage_is_changed():
    [part] = between([block("a", "Pain goes.")], [block("a", "Pain eases.")])
    assert part.what == "changed"
    assert "goes" in part.html and "eases" in part.html


@given(
    st.lists(st.sampled_from("abcdefgh"), unique=True),
    st.lists(st.sampled_from("abcdefgh"), unique=True),
)
def test_every_passage_is_told_exactly_once(before, after):
    parts = between([block(k) for k in before], [block(k) for k in after])
    assert sum(part.count for part in parts) == len(set(before) | set(after))
    removed = [part.key for part in parts if part.what == "removed"]
    assert removed == [key for key in before if key not in after]
