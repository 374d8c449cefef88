"""Reading large XML files of other programs, record by record, within limits.

No document type is read, so no entity is expanded and nothing else is opened or asked
for (TRUST A20, A21). A file of any size needs the memory of its largest record.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import (
    Element,
    ParseError,
)

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

MAX_BYTES = 1024 * 1024 * 1024
# An article with its pictures as links has some hundred kB; comments far less.
MAX_RECORD = 8 * 1024 * 1024
MAX_DEPTH = 20


class XmlRefused(Exception):
    """The file cannot be read, or must not be; says why."""


def records(path: Path, is_record: Callable[[str], bool]) -> Iterator[Element]:
    """Each element whose tag `is_record`, when it has ended; it is emptied afterwards.

    A tag is "{namespace}name". An element inside a record that is a record too comes
    first, and has only its attributes when its outer one comes. Raises XmlRefused.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise XmlRefused(f"{path} is larger than {MAX_BYTES >> 20} MB.")
        with path.open("rb") as file:
            yield from _records(_Bounded(file), is_record)
    except OSError as error:
        raise XmlRefused(f"{path}: {error.strerror}") from error
    except ParseError as error:
        raise XmlRefused(f"{path} is not whole or not XML: {error}.") from error
    except DefusedXmlException as error:
        raise XmlRefused(
            f"{path} defines a document type or entities; no export does."
        ) from error


def _records(file: "_Bounded", is_record: Callable[[str], bool]) -> Iterator[Element]:
    depth = 0
    for event, element in iterparse(file, ("start", "end"), forbid_dtd=True):
        if event == "start":
            depth += 1
            if depth > MAX_DEPTH:
                raise XmlRefused(f"Its elements are nested deeper than {MAX_DEPTH}.")
            continue
        depth -= 1
        if is_record(element.tag):
            yield element
            del element[:]
            element.text = element.tail = None
            file.since_record = 0


class _Bounded:
    """A file that refuses to be read on for too long without a record."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.since_record = 0

    def read(self, size: int = -1) -> bytes:
        chunk = self.file.read(size)
        self.since_record += len(chunk)
        if self.since_record > MAX_RECORD:
            raise XmlRefused(f"A record is larger than {MAX_RECORD >> 20} MB.")
        return chunk


def text_of(element: Element, name: str) -> str:
    """The text of a child, whatever its namespace; empty when there is none."""
    for child in element:
        if local(child.tag) == name:
            return (child.text or "").strip()
    return ""


def local(tag: str) -> str:
    """A tag without its namespace."""
    return tag.rpartition("}")[2]
