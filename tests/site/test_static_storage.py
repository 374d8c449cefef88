"""What readers get in production: one stylesheet, one script, small, hashed, compressed."""

import re
from pathlib import Path

import brotli
import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

STORAGE = "mfr_site.static_storage.StaticStorage"
FINDER = "django.contrib.staticfiles.finders.FileSystemFinder"
# DESIGN §6: the page and its stylesheet in one round trip, scripts optional and small.
CSS_BUDGET = 5_500
JS_BUDGET = 8_000


@pytest.fixture
def collected(tmp_path, settings):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": STORAGE}}
    settings.STATICFILES_FINDERS = [FINDER]
    call_command("collectstatic", verbosity=0, interactive=False)
    return lambda name: tmp_path / staticfiles_storage.stored_name(name)


@pytest.mark.parametrize("name", ["css/site.css", "css/pages.css"])
def test_a_stylesheet_is_one_file_with_every_part_in_its_layer(collected, name):
    text = collected(name).read_text()
    source = (Path("static") / name).read_text()
    layers = re.findall(r"@import url\(\"[^\"]+\"\) layer\((\w+)\)", source)
    assert "@import" not in text
    assert "/*" not in text
    assert re.findall(r"@layer (\w+) ?{", text) == layers
    assert text.count("{") == text.count("}")


def test_images_in_the_stylesheet_are_hashed(collected):
    assert re.search(
        r"images/release\.[0-9a-f]{12}\.svg", collected("css/pages.css").read_text()
    )


def test_the_script_is_one_file_with_every_module_in_a_block(collected):
    text = collected("js/site.js").read_text()
    assert 'import "' not in text
    assert text.count("{") == text.count("}")
    for module in ("composer", "reply_in_place", "quote_selection", "key_from_address"):
        body = Path(f"static/js/{module}.js").read_text()
        assert all(
            line.strip() in text for line in body.splitlines() if line[:1] == "c"
        )


def test_a_part_changed_since_the_last_time_is_joined_anew(
    collected, tmp_path, settings
):
    changed = tmp_path / "source"
    (changed / "css").mkdir(parents=True)
    (changed / "css/site.css").write_text('@import url("a.css") layer(parts);')
    settings.STATICFILES_DIRS = [changed]
    for colour in ("red", "blue"):
        (changed / "css/a.css").write_text(f"a {{ color: {colour}; }}")
        call_command("collectstatic", verbosity=0, interactive=False)
        text = collected("css/site.css").read_text()
        assert text == f"@layer parts{{a{{color:{colour}}}}}"


def test_the_budgets_are_kept(collected):
    assert len(brotli.compress(collected("css/site.css").read_bytes())) <= CSS_BUDGET
    assert len(collected("js/site.js").read_bytes()) <= JS_BUDGET


def test_both_are_stored_compressed(collected):
    for name in ("css/site.css", "js/site.js"):
        assert collected(name).with_suffix(collected(name).suffix + ".br").exists()
