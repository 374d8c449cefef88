"""Large XML files, record by record; hostile ones are refused before they cost anything."""

import pytest

from mfr_site import xml_records
from mfr_site.xml_records import XmlRefused, records, text_of

BILLION = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.fixture
def read(tmp_path):
    """`read(text)`: the tag and the name of each record."""

    def read(text):
        file = tmp_path / "file.xml"
        file.write_text(text)
        found = records(file, lambda tag: tag in {"item", "{urn:x}inner"})
        return [(record.tag, text_of(record, "name")) for record in found]

    return read


def test_records_come_when_they_end_and_are_empty_afterwards(read):
    inner = "<x:inner><name>in</name></x:inner>"
    text = (
        f"<r xmlns:x='urn:x'><item>{inner}<name> out </name></item><name>no</name></r>"
    )
    assert read(text) == [("{urn:x}inner", "in"), ("item", "out")]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not XML",
        "<r><item></item>",
        "<r><item></item></x>",
        f'<!DOCTYPE r [<!ENTITY l0 "ha">{BILLION}]><rss>&l9;</rss>',
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss>&x;</rss>',
        '<!DOCTYPE r [<!ENTITY % x SYSTEM "http://127.0.0.1:1/">%x;]><rss/>',
        '<!DOCTYPE rss SYSTEM "http://127.0.0.1:1/x.dtd"><rss></rss>',
        "<a>" * 1_000_000,
        "<rss>" + f"<{'a' * 100}/>" * 90_000 + "</rss>",
        "<rss><item>" + "a" * 9_000_000 + "</item></rss>",
    ],
    ids=[
        *("empty", "text", "torn", "wrong", "laughs", "file", "parameter", "dtd"),
        *("deep", "wide", "long"),
    ],
)
def test_a_hostile_or_broken_file_is_refused(read, text):
    with pytest.raises(XmlRefused):
        read(text)


def test_many_records_may_be_larger_than_one(read):
    """The limit is that of a record; a file may have any number of them."""
    item = f"<item><name>{'a' * 100_000}</name></item>"
    assert len(read(f"<r>{item * 100}</r>")) == 100


def test_a_file_that_is_too_large_is_refused(read, monkeypatch):
    monkeypatch.setattr(xml_records, "MAX_BYTES", 10)
    with pytest.raises(XmlRefused, match="larger than"):
        read("<r><item></item></r>")


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(XmlRefused, match="No such file"):
        list(records(tmp_path / "nothing", lambda tag: True))
