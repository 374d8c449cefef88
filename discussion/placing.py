"""Where a post stands in its discussion: numbers, and paths that sort as threads read.

A path is the parent's path and the post's own number, so a branch is one range of an
index, in reading order, with nothing to sort (STACK §8). A place is given once, at
publication, and never changes.
"""

WIDTH = 5  # 36^5: sixty million posts in one discussion
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
HIGHEST = len(DIGITS) ** WIDTH - 1
# Comes after every digit, so `path + BEYOND` ends the range of the branch at `path`.
BEYOND = "~"

# Paths stop growing here: what answers a deeper post stands beside it, and still says
# whom it answers. The column is WIDTH * MAX_DEPTH wide.
MAX_DEPTH = 100

# A thread shows this many posts among the others, in order of publication; so a shown
# post's parent is always shown too. The later ones are on the thread's own page.
FOLD_AFTER = 30


def encode(number: int) -> str:
    """A number as it stands in paths: five characters that sort as numbers do."""
    digits = ""
    for _ in range(WIDTH):
        number, digit = divmod(number, len(DIGITS))
        digits = DIGITS[digit] + digits
    return digits


def below(parent_path: str, number: int) -> str:
    """The path of a post that answers the one at `parent_path` ("" for a new thread)."""
    if len(parent_path) >= WIDTH * MAX_DEPTH:
        parent_path = parent_path[:-WIDTH]
    return parent_path + encode(number)


def numbers(path: str) -> list[int]:
    """The numbers along a path, from the thread's first post to the post itself."""
    return [int(path[i : i + WIDTH], 36) for i in range(0, len(path), WIDTH)]


def depth(path: str) -> int:
    """0 for the first post of a thread."""
    return len(path) // WIDTH - 1
