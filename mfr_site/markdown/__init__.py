"""Markdown to safe HTML, and text out of either. The only door: nothing else sanitises.

Rendered once, when a text is written; the source, the HTML and RENDERER_VERSION are
stored together, and `render_all` renders again what an older version made.
"""

from .text import clean_text, excerpt, plain_text
from .trusted import Heading, Picture, Rendered, render_trusted
from .untrusted import render_untrusted

__all__ = [
    "RENDERER_VERSION",
    "Heading",
    "Picture",
    "Rendered",
    "clean_text",
    "excerpt",
    "plain_text",
    "render_trusted",
    "render_untrusted",
]

# Raise it when the same source would give other HTML.
RENDERER_VERSION = 2
