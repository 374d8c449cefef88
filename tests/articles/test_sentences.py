from hypothesis import given
from hypothesis import strategies as st

from articles.sentences import split


def test_sentences_end_at_full_stops_questions_and_exclamations():
    assert split("It may help. Does it? Yes!") == ["It may help.", "Does it?", "Yes!"]


def test_a_closing_quotation_mark_belongs_to_its_sentence():
    assert split("“Press gently.” Then wait.") == ["“Press gently.”", "Then wait."]


def test_abbreviations_and_decimals_end_nothing():
    text = "See Dr. Smith, e.g. Jones, about 1.5 kg. It is heavy."
    assert split(text) == ["See Dr. Smith, e.g. Jones, about 1.5 kg.", "It is heavy."]


def test_a_text_without_an_end_is_one_sentence():
    assert split("take blood thinners") == ["take blood thinners"]


def test_nothing_has_no_sentences():
    assert split("") == []


@given(st.text(alphabet="Aab .?!”“(1é").map(lambda text: " ".join(text.split())))
def test_the_sentences_are_the_text(text):
    assert " ".join(split(text)) == text
