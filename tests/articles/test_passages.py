"""The promises that links and anchors rely on, checked over random edits."""

import html as html_text
import itertools
import re
from collections import Counter

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.passages import SLOT, Block, carry, cut, fill

NAMES = re.compile(r' id="p-[a-z0-9]+"')
SPANS = re.compile(r'<span id="p-[a-z0-9]+">(.*?)</span>')
BOXES = re.compile(r'<div class="heading">(.*?)</div>')

words = st.sampled_from(
    ["fascia", "slow", "pressure", "&", "<", "“often”", "10%", "pain", "may", "help"]
)
sentence = st.lists(words, min_size=1, max_size=12).map(" ".join)


@st.composite
def leaf(draw):
    tag = draw(
        st.sampled_from(["p", "h2", "h3", "li", "tr", "note", "figure", "quote"])
    )
    text = html_text.escape(draw(sentence))
    return {
        "p": f'<p>{text}<sup><a href="#fn-x" id="fnref-x">1</a></sup></p>',
        "h2": f'<h2 id="s-{draw(st.integers(1, 10**9))}">{text}</h2>',
        "h3": f"<h3>{text}</h3>",
        "li": f"<ul><li>{text}<ul><li><p>{text} too</p><p>{text}</p></li></ul></li></ul>",
        "tr": "<table><thead><tr><th>A</th></tr></thead><tbody>"
        f"<tr><td>{text}</td><td>good</td></tr></tbody></table>",
        "note": f'<aside class="note"><h3>Note</h3><p>{text}<br>and</p></aside>',
        "figure": f"<figure><p>{text}</p></figure>",
        "quote": f'<blockquote><p id="s-q">{text}</p></blockquote>',
    }[tag]


bodies = st.lists(leaf(), max_size=8).map("\n".join)
texts = st.lists(sentence, max_size=12)


@given(bodies)
def test_naming_changes_nothing_but_the_names(body):
    named, _ = cut(body)
    unfilled = fill(named, lambda key: "")
    assert NAMES.sub("", SPANS.sub(r"\1", BOXES.sub(r"\1", unfilled))) == body


@given(bodies)
def test_every_block_is_named_once_and_has_one_slot_inside_it_or_behind_a_heading(body):
    named, blocks = cut(body)
    tree = html5lib.parse(named, treebuilder="etree", namespaceHTMLElements=False)
    parents = {child: parent for parent in tree.iter() for child in parent}
    elements = {e.get("id"): e for e in tree.iter() if isinstance(e.tag, str)}
    slots = {e.text[2:]: e for e in tree.iter() if not isinstance(e.tag, str)}
    assert len(SLOT.findall(named)) == len(slots)
    assert slots.keys() == {block.key for block in blocks}
    for block in blocks:
        element = elements[f"p-{block.key}"]
        if element.tag == "span":
            element = parents[element]
        assert element.tag.startswith(block.kind)
        slot = slots[block.key]
        if block.kind == "h":
            assert list(parents[element]) == [element, slot]
        else:
            assert element in {parents[slot], parents[parents[slot]]}


def test_pictures_table_heads_sources_and_their_numbers_are_no_passages():
    _, blocks = cut(
        '<p>Rest <em>helps</em>.<sup><a href="#fn-x" id="fnref-x">1</a></sup> A bit.</p>'
        "<figure><img><figcaption>Drawn <small>here</small></figcaption></figure>"
        "<table><thead><tr><th>What</th></tr></thead>"
        "<tbody><tr><th>Rest</th><td>good</td></tr></tbody></table><p></p><p><img></p>"
        '<section class="footnotes"><h2>Sources</h2><ol><li><p>X</p></li></ol></section>'
    )
    assert [block.text for block in blocks] == ["Rest helps. A bit.", "Rest · good"]


@given(texts, texts, st.sets(st.text("bc2", min_size=6, max_size=6)))
def test_keys_are_unique_and_new_ones_were_never_used(before, after, used):
    old = [Block(f"old{i:03}", "p", text) for i, text in enumerate(before)]
    keys = carry(after, old, used)
    assert len(keys) == len(after) == len(set(keys))
    new = set(keys) - {block.key for block in old}
    assert not new & used


@given(texts, texts)
def test_a_key_is_carried_only_to_words_that_are_alike(before, after):
    old = {f"old{i:03}": text for i, text in enumerate(before)}
    blocks = [Block(key, "p", text) for key, text in old.items()]
    for key, text in zip(carry(after, blocks), after, strict=True):
        if key in old:
            common = Counter(old[key].split()) & Counter(text.split())
            longest = max(len(old[key].split()), len(text.split()))
            assert common.total() / longest >= 0.4


# Texts that share no word, so that each is known by its words alone.
names = st.integers(0, 25)
edits = st.lists(
    st.one_of(
        st.tuples(st.just("add"), names, names),
        st.tuples(st.just("remove"), names, names),
        st.tuples(st.just("move"), names, names),
        st.tuples(st.just("reword"), names, names),
    ),
    max_size=4,
)


def apply(edit, blocks, fresh):
    """Blocks are [who, wording]; `who` is what a key must stand for."""
    act, at, to = edit
    if act == "add":
        blocks.insert(at % (len(blocks) + 1), [next(fresh), 0])
    elif blocks and act == "remove":
        blocks.pop(at % len(blocks))
    elif blocks and act == "move":
        blocks.insert(to % len(blocks), blocks.pop(at % len(blocks)))
    elif blocks:
        blocks[at % len(blocks)][1] += 1


def words_of(block):
    who, wording = block
    return " ".join([f"w{who}x{i}" for i in range(9)] + [f"w{who}v{wording}"])


@settings(max_examples=200)
@given(st.lists(edits, min_size=1, max_size=8))
def test_over_many_revisions_a_key_means_one_block_for_ever(revisions):
    fresh = itertools.count()
    blocks = [[next(fresh), 0] for _ in range(5)]
    meaning, previous, last_words = {}, [], {}
    for revision in [[], *revisions]:
        for edit in revision:
            apply(edit, blocks, fresh)
        texts = [words_of(block) for block in blocks]
        keys = carry(texts, previous, meaning)
        for key, (who, _), text in zip(keys, blocks, texts, strict=True):
            assert meaning.setdefault(key, who) == who
            if last_words.get(who) == text:
                assert any(old.key == key and old.text == text for old in previous)
        last_words = {who: words_of([who, wording]) for who, wording in blocks}
        previous = [
            Block(key, "p", text) for key, text in zip(keys, texts, strict=True)
        ]


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        (["one two", "red blue"], ["red blue", "one two"], [1, 0]),
        (["slow steady gentle pressure"], ["slow steady firm pressure"], [0]),
        (["slow steady gentle pressure"], ["slow sudden firm push"], [None]),
        (["same", "same"], ["same"], [0]),
        (["a b c d e", "a b c d f"], ["a b c d f x", "a b c d e x"], [1, 0]),
        (["yes"], ["no", "yes", "no"], [None, 0, None]),
        ([], ["new"], [None]),
    ],
)
def test_who_gets_whose_key(before, after, kept):
    old = [Block(f"old{i}", "p", text) for i, text in enumerate(before)]
    keys = [key if key.startswith("old") else None for key in carry(after, old)]
    assert keys == [None if i is None else f"old{i}" for i in kept]


def test_an_item_with_items_in_it_ends_where_they_begin():
    named, blocks = cut("<ul><li>One<ul><li>two</li></ul></li></ul>")
    assert [block.text for block in blocks] == ["One", "two"]
    one, two = (block.key for block in blocks)
    assert named == (
        f'<ul><li id="p-{one}">One<!--p:{one}--><ul><li id="p-{two}">two'
        f"<!--p:{two}--></li></ul></li></ul>"
    )


def test_the_slot_of_a_heading_is_behind_it_and_not_in_it():
    named, blocks = cut('<h2 id="s-a">A</h2><h3>B</h3>')
    a, b = (block.key for block in blocks)
    assert named == (
        f'<div class="heading"><h2 id="s-a"><span id="p-{a}">A</span></h2><!--p:{a}-->'
        f'</div><div class="heading"><h3 id="p-{b}">B</h3><!--p:{b}--></div>'
    )


def test_slots_are_filled_by_key():
    named, (block,) = cut("<p>One</p>")
    assert fill(named, lambda key: f"[{key}]") == (
        f'<p id="p-{block.key}">One[{block.key}]</p>'
    )
