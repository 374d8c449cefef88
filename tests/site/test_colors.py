"""Every pair of colours that text is set in can be read, in light and in dark (WCAG 2.2 AA)."""

import re
from itertools import product
from pathlib import Path

import pytest

TOKEN = re.compile(r"--([\w-]+): light-dark\((#\w+), (#\w+)\)")
PAIRS = {
    name: scheme
    for name, *scheme in TOKEN.findall(Path("static/css/colors.css").read_text())
}
GROUNDS = ["paper", "card", "wash", "teal-wash", "clay-wash", "warn-wash"]


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2) of #rgb or #rrggbb."""
    digits = colour.lstrip("#")
    digits = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts
    ]
    return sum(
        weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True)
    )


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back", "least"),
    [
        *(
            (*pair, 4.5)
            for pair in product(["ink", "soft", "teal", "clay", "warn"], GROUNDS)
        ),
        *((*pair, 4.5) for pair in product(["on-solid"], ["teal", "clay", "warn"])),
        *((*pair, 3.0) for pair in product(["edge"], GROUNDS)),
    ],
)
def test_contrast(scheme, front, back, least):
    assert contrast(PAIRS[front][scheme], PAIRS[back][scheme]) >= least
