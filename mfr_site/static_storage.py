"""Static files for production: hashed, compressed, and one stylesheet and one script.

In the folder each subject has a small file of its own. A browser would ask for every
`@import` in turn, so the parts are joined when static files are collected.
"""

import posixpath
import re
from collections.abc import Callable, Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

Read = Callable[[str], str]


def join_css(text: str, read: Read) -> str:
    """Put `@import url("part") layer(name);` into one text, without its comments."""
    text = re.sub(
        r'@import url\("([^"]+)"\) layer\((\w+)\);',
        lambda found: f"@layer {found[2]} {{{read(found[1])}}}",
        text,
    )
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r" ?([{};,>]) ?", r"\1", re.sub(r"\s+", " ", text))
    return text.replace(": ", ":").replace(";}", "}")


def join_js(text: str, read: Read) -> str:
    """Put each `import "./part.js";` in as a block, so that its names stay its own."""
    text = re.sub(
        r'^import "\./([^"]+)";$',
        lambda found: f"{{\n{read(found[1])}}}",
        text,
        flags=re.M,
    )
    return re.sub(r"^\s*(//.*)?\n?", "", text, flags=re.MULTILINE)


class StaticStorage(CompressedManifestStaticFilesStorage):
    """whitenoise's storage, after the parts of a page's files have been joined."""

    joined = {
        "css/site.css": join_css,
        "css/pages.css": join_css,
        "css/print.css": join_css,
        "js/site.js": join_js,
    }

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[Any]:
        for name in () if dry_run else self.joined.keys() & paths.keys():
            text = self._join(name, paths)
            self.delete(name)
            self.save(name, ContentFile(text))
            paths[name] = (self, name)
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def _join(self, name: str, paths: dict[str, Any]) -> str:
        def read(part: str) -> str:
            storage, path = paths[posixpath.join(posixpath.dirname(name), part)]
            with storage.open(path) as file:
                return str(file.read().decode())

        return self.joined[name](read(posixpath.basename(name)), read)
