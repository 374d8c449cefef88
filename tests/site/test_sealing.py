"""What is stored sealed: opened with the key, found by its hash, and else unreadable."""

import pytest

from mfr_site import sealing

ADDRESS = "heron@example.org"


def test_what_is_sealed_comes_back():
    sealed = sealing.seal(ADDRESS)
    assert "heron" not in sealed
    assert sealing.seal(ADDRESS) != sealed
    assert sealing.unseal(sealed) == ADDRESS


def test_a_former_key_still_opens_and_finds(settings):
    sealed, before = sealing.seal(ADDRESS), sealing.digests(ADDRESS)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key" * 6
    assert sealing.unseal(sealed) == ADDRESS
    assert sealing.digests(ADDRESS)[1:] == before


def test_another_key_opens_nothing(settings):
    sealed, before = sealing.seal(ADDRESS), sealing.digests(ADDRESS)
    settings.SECRET_KEY = "another key" * 6
    with pytest.raises(sealing.Unreadable):
        sealing.unseal(sealed)
    assert sealing.digests(ADDRESS) != before


@pytest.mark.parametrize("spelling", ["Heron@Example.org", " heron@example.org\n"])
def test_one_address_is_found_in_any_spelling(spelling):
    assert sealing.digests(spelling) == sealing.digests(ADDRESS)


def test_what_was_changed_on_the_way_is_not_opened():
    sealed = sealing.seal(ADDRESS)
    with pytest.raises(sealing.Unreadable):
        sealing.unseal(sealed[:-4] + "AAA=")
