"""Is this HTML what it says it is, and nothing more? Parsed as browsers parse it."""

import re
from functools import lru_cache
from pathlib import Path

import html5lib

HERE = Path(__file__).parent

# The attacks, as they would be sent; the file's first two lines are its heading.
PAYLOADS = [
    line.replace("⏎", "\n").replace(r"\u0000", "\0").replace(r"\ud800", "\ud800")
    for line in (HERE / "payloads.txt").read_text().splitlines()[2:]
]

SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
ADDRESSES = {"href", "src", "srcset", "action", "formaction", "data", "poster", "cite"}


@lru_cache(maxsize=1)
def parsed(html):
    """The tree, for reading only; several questions about one text parse it once."""
    return html5lib.parseFragment(html, namespaceHTMLElements=False)


def faults(html, attributes, schemes):
    """Every tag, attribute and scheme in the HTML that is not allowed.

    `attributes` maps each allowed tag to its attributes; "*" holds those of all tags.
    """
    tree = parsed(html)
    found = []
    for element in tree.iter():
        if not isinstance(element.tag, str):
            found.append(f"comment {element.text!r}")
        elif element.tag not in attributes and element is not tree:
            found.append(f"tag {element.tag!r}")
        allowed = {*attributes.get(element.tag, ()), *attributes.get("*", ())}
        for name, value in element.attrib.items():
            if name not in allowed:
                found.append(f"attribute {element.tag} {name}={value!r}")
            elif name in ADDRESSES and _scheme(value) not in {None, *schemes}:
                found.append(f"address {value!r}")
    return found


def values(html, attribute):
    """The values of an attribute, in order."""
    found = (element.get(attribute) for element in parsed(html).iter())
    return [value for value in found if value is not None]


def _scheme(address):
    """As a browser reads it: leading controls and inner line ends and tabs do not count."""
    address = re.sub(r"[\t\n\r]", "", address).lstrip("".join(map(chr, range(33))))
    match = SCHEME.match(address)
    return match[1].lower() if match else None
