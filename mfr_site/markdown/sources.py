"""The works an article cites: numbered in reading order, listed once at its end."""

from collections.abc import Callable

from django.utils.text import slugify
from lxml import etree, html


class Sources:
    """Footnotes lifted out of a tree that Python-Markdown's `footnotes` has written.

    The extension numbers marks in the order in which its own loop meets them, lists
    after paragraphs; readers meet them from top to bottom, so we number again.

    Attributes:
        marks: for each key in the order of first mention, its links in the text, empty
            until `append_to`: a number is no part of the words.
        entries: the list, apart from the text until `append_to`.
    """

    def __init__(self, root: html.HtmlElement) -> None:
        items: dict[str, html.HtmlElement] = {}
        for box in root.find_class("footnote"):
            items |= {_key(item, "id"): item for item in box.iterfind("ol/li")}
            box.drop_tree()
        self.marks: dict[str, list[html.HtmlElement]] = {}
        self.entries = html.Element("ol")
        self._lift(root, items)
        for entry in self.entries:  # grows: a source may cite another source
            self._lift(entry, items)

    def _lift(
        self, scope: html.HtmlElement, items: dict[str, html.HtmlElement]
    ) -> None:
        for link in scope.find_class("footnote-ref"):
            key = _key(link, "href")
            if key in items and key not in self.marks:
                self.marks[key] = []
                self.entries.append(_entry(items[key]))
            if key in items:
                link.text = None
                link.attrib.clear()
                link.getparent().attrib.clear()
                self.marks[key].append(link)

    def append_to(self, root: html.HtmlElement, claim: Callable[[str], str]) -> None:
        """Write the numbers into the text and the list after it.

        `claim` answers with an id that is unique in the page.
        """
        box = etree.SubElement(root, "section", {"aria-labelledby": "sources"})
        box.set("class", "footnotes")
        etree.SubElement(box, "h2", {"id": "sources"}).text = "Sources"
        box.append(self.entries)
        cited = zip(self.entries, self.marks.items(), strict=True)
        for number, (entry, (key, links)) in enumerate(cited, start=1):
            name = claim(f"fn-{slugify(key) or number}")
            entry.set("id", name)
            for place, link in enumerate(links, start=1):
                mark = name.replace("fn", f"fnref{place if place > 1 else ''}", 1)
                link.attrib.update({"href": f"#{name}", "id": mark})
                link.set("aria-label", f"Source {number}")
                link.text = str(number)
                _add_way_back(entry[-1], mark, number, place)


def _key(element: html.HtmlElement, attribute: str) -> str:
    return (element.get(attribute) or "").removeprefix("#").removeprefix("fn-")


def _entry(item: html.HtmlElement) -> html.HtmlElement:
    """An item of the list, ending in a paragraph that can take the ways back."""
    for link in item.find_class("footnote-backref"):
        link.drop_tree()
    if not len(item) or item[-1].tag != "p":
        etree.SubElement(item, "p")
    item.attrib.clear()
    return item


def _add_way_back(
    paragraph: html.HtmlElement, mark: str, number: int, place: int
) -> None:
    label = f"Back to source {number} in the text"
    if place > 1:
        label += f", place {place}"
        paragraph[-1].tail = " "
    way = etree.SubElement(paragraph, "a", {"href": f"#{mark}", "aria-label": label})
    way.set("class", "back")
    way.text = "↑"
