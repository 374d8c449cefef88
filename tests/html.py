"""Is it HTML? Parsed as browsers parse it, and checked for what they forgive."""

from collections import Counter
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from django.http import HttpResponse

# Attributes whose value names other elements by id, one or several.
NAMING_ATTRIBUTES = (
    "for",
    "form",
    "list",
    "headers",
    "aria-controls",
    "aria-describedby",
    "aria-details",
    "aria-errormessage",
    "aria-labelledby",
    "aria-owns",
)


def assert_valid(page: HttpResponse | str) -> Element:
    """Raise AssertionError with every fault of a whole page; else return its tree."""
    text = page if isinstance(page, str) else page.content.decode()
    tree, faults = parse(text)
    faults += list(outline_faults(tree)) + list(naming_faults(tree))
    assert not faults, "\n".join(faults)
    return tree


def parse(text: str) -> tuple[Element, list[str]]:
    """The tree, and where the text breaks the HTML standard's grammar."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parse(text)
    lines = text.splitlines()
    faults = [
        f"line {line}: {code} {details or ''} in {lines[line - 1].strip()[:120]!r}"
        for (line, _column), code, details in parser.errors
    ]
    return tree, faults


def outline_faults(tree: Element) -> list[str]:
    """What every page has once: language, title, main, h1."""
    faults = []
    if not tree.get("lang"):
        faults.append("<html> has no lang")
    for name in ("title", "main", "h1"):
        found = [node for node in tree.iter(name) if "".join(node.itertext()).strip()]
        if len(found) != 1:
            faults.append(f"{len(found)} <{name}> with text, not one")
    levels = [int(node.tag[1]) for node in elements(tree) if is_heading(node)]
    for above, below in pairwise(levels):
        if below > above + 1:
            faults.append(f"an <h{below}> follows an <h{above}>")
    return faults


def naming_faults(tree: Element) -> list[str]:
    """Every id is given once, and whatever names an id names one that is there."""
    ids = Counter(node.get("id") for node in elements(tree) if node.get("id"))
    faults = [
        f'id="{name}" is given {times} times'
        for name, times in ids.items()
        if times > 1
    ]
    for node in elements(tree):
        for attribute in NAMING_ATTRIBUTES:
            for name in (node.get(attribute) or "").split():
                if name not in ids:
                    faults.append(f'<{node.tag} {attribute}="{name}"> names nothing')
        target = node.get("href") or ""
        if target.startswith("#") and len(target) > 1 and target[1:] not in ids:
            faults.append(f'<{node.tag} href="{target}"> leads nowhere')
    return faults


def elements(tree: Element) -> list[Any]:
    """The elements in order, without comments (whose tag is a function)."""
    return [node for node in tree.iter() if not callable(node.tag)]


def is_heading(node: Element) -> bool:
    return len(node.tag) == 2 and node.tag[0] == "h" and node.tag[1].isdigit()
