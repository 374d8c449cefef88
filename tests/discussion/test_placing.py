"""Paths: they sort as threads read, whatever the numbers."""

from hypothesis import given
from hypothesis import strategies as st

from discussion import placing

numbers = st.integers(0, placing.HIGHEST)


@given(numbers, numbers)
def test_encoded_numbers_sort_as_numbers(one, other):
    assert (placing.encode(one) < placing.encode(other)) == (one < other)


@given(st.lists(numbers, min_size=1, max_size=20))
def test_a_path_gives_its_numbers_back(line):
    path = ""
    for number in line:
        path = placing.below(path, number)

    assert placing.numbers(path) == line
    assert placing.depth(path) == len(line) - 1


@given(st.lists(numbers, min_size=1, max_size=5), st.lists(numbers, max_size=5))
def test_a_branch_is_what_begins_with_its_path(top, other):
    path = "".join(map(placing.encode, top))
    candidate = "".join(map(placing.encode, top[:-1] + other))

    in_range = path <= candidate < path + placing.BEYOND
    assert in_range == candidate.startswith(path)


def test_paths_stop_growing_and_deeper_answers_stand_beside_what_they_answer():
    path = ""
    for number in range(1, placing.MAX_DEPTH + 1):
        path = placing.below(path, number)

    deeper = placing.below(path, placing.MAX_DEPTH + 1)

    assert len(deeper) == len(path) == 500
    assert deeper > path
    assert placing.numbers(deeper)[:-1] == placing.numbers(path)[:-1]
