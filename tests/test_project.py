"""What holds for the project as a whole: nothing missing, unfinished or out of place."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.template import engines
from django.urls import URLPattern, get_resolver

ROOT = Path(settings.BASE_DIR)
OURS = ("accounts", "articles", "bench", "deploy", "discussion", "mfr_site", "tests")
MAX_LINES = 450
# Mail is read where no stylesheet of ours reaches, so its styles stand in it.
MAIL = re.compile(r"(^|/)emails?/")

UNFINISHED = re.compile(
    r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b|lorem ip" r"sum", re.IGNORECASE
)
STATIC = re.compile(r"{% static [\"']([^\"']+)[\"']")
INLINE = {
    # A data block is not run: no policy stops it, and search engines read it.
    "script": re.compile(
        r"<script\b(?![^>]*\b(?:src=|type=\"application/(?:ld\+)?json\"))"
    ),
    "style": re.compile(r"<style\b|\sstyle\s*="),
    "handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
}


def files(*endings: str) -> list[Path]:
    """Our own files with these endings, by path from the root."""
    folders = [ROOT / name for name in (*OURS, "static", "templates", "content", ".ci")]
    found = (path for folder in folders for path in folder.rglob("*"))
    return sorted(
        path.relative_to(ROOT)
        for path in (*found, *ROOT.glob("*"))
        if path.suffix in endings and path.is_file()
    )


def read(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


TEMPLATES = [
    path
    for path in files(".html", ".txt", ".xml", ".jinja")
    if "templates" in path.parts
]


@pytest.mark.django_db
def test_every_change_of_a_model_has_its_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("template", TEMPLATES, ids=str)
def test_the_template_compiles(template):
    engine = engines["compiled" if template.suffix == ".jinja" else "django"]
    assert engine.from_string(read(template)) is not None


def test_every_static_file_that_a_template_names_is_there():
    """In production a missing one is an error on every page that names it."""
    named = {name for path in TEMPLATES for name in STATIC.findall(read(path))}
    assert {name for name in named if finders.find(name) is None} == set()


@pytest.mark.parametrize(
    "template",
    [
        path
        for path in TEMPLATES
        if path.suffix in {".html", ".jinja"} and not MAIL.search(str(path))
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", INLINE)
def test_the_template_has_nothing_inline(template, kind):
    found = INLINE[kind].search(read(template))
    assert not found, f"The content security policy refuses {found.group()!r}"


def views(patterns):
    """Every view of our own that has an address, with its name; admin's are forms."""
    for pattern in patterns:
        if not isinstance(pattern, URLPattern):
            if pattern.app_name != "admin":
                yield from views(pattern.url_patterns)
        elif pattern.name and pattern.callback.__module__.partition(".")[0] in OURS:
            yield pattern.callback, pattern.name


@pytest.mark.parametrize(
    ("view", "name"),
    [pytest.param(*found, id=found[1]) for found in views(get_resolver().url_patterns)],
)
def test_the_view_has_a_test_file_of_its_name(view, name):
    """Named after the address, the view, or a module that holds views of one kind."""
    package, *_, module = view.__module__.split(".")
    names = {name.replace("-", "_"), getattr(view, "__name__", name), module}
    wanted = {f"test_{name}.py" for name in names - {"views"}}
    folder = ROOT / "tests" / package.replace("mfr_site", "site")
    found = {path.name for path in folder.glob("*")}
    assert wanted & found, f"{folder.name}: none of {', '.join(sorted(wanted))}"


def test_every_part_of_the_site_has_its_layer():
    """What import-linter is not told of may import anything."""
    layers = read(Path("pyproject.toml")).partition("layers = [")[2]
    parts = {
        path.stem for path in (ROOT / "mfr_site").iterdir() if path.suffix == ".py"
    }
    parts |= {path.parent.name for path in (ROOT / "mfr_site").glob("*/__init__.py")}
    placed = set(re.findall(r"mfr_site\.(\w+)", layers))
    assert parts - {"__init__", "migrations"} == placed


def test_every_folder_of_tests_is_a_package():
    """Two test files of one name in folders without it: one of them is never run."""
    folders = {path.parent for path in files(".py") if path.parts[0] == "tests"}
    assert [str(f) for f in folders if not (ROOT / f / "__init__.py").is_file()] == []


def test_no_file_is_too_long_to_read():
    lengths = {
        str(path): len(read(path).splitlines())
        for path in files(".py")
        if "migrations" not in path.parts
    }
    assert {name: n for name, n in lengths.items() if n > MAX_LINES} == {}


@pytest.mark.parametrize(
    "ending", [".py", ".html", ".txt", ".css", ".js", ".md", ".toml"]
)
def test_nothing_is_left_for_later(ending):
    unfinished = [str(path) for path in files(ending) if UNFINISHED.search(read(path))]
    assert unfinished == []
