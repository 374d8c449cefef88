"""What operators are given: each part understood by the program that reads it, and one truth."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
DEPLOY = ROOT / "deploy"
UNITS = sorted(
    path.name
    for path in (DEPLOY / "systemd").iterdir()
    if path.suffix in {".service", ".timer"}
)
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
PROCFILE = dict(
    re.findall(r"^(\w+): (.+)$", (ROOT / "Procfile").read_text(), re.MULTILINE)
)


@pytest.fixture
def installed(tmp_path):
    """The units as they stand on a machine, but for the place of the programs."""
    folder = tmp_path / "systemd"
    shutil.copytree(DEPLOY / "systemd", folder)
    for unit in folder.rglob("*.service"):
        text = unit.read_text()
        programs = Path(sys.executable).parent
        unit.write_text(text.replace("/srv/mfr/.venv/bin", str(programs)))
    return folder


def analyze(folder, *arguments):
    return subprocess.run(
        ["systemd-analyze", *arguments],
        env={"SYSTEMD_UNIT_PATH": f"{folder}:", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


needs_systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="no systemd-analyze here"
)


@needs_systemd
@pytest.mark.parametrize("unit", UNITS)
def test_systemd_understands_the_unit(installed, unit):
    judged = analyze(installed, "verify", "--man=no", str(installed / unit))
    ours = [line for line in judged.stderr.splitlines() if "mfr" in line]
    assert (judged.returncode, ours) == (0, [])


@needs_systemd
@pytest.mark.parametrize("unit", [unit for unit in UNITS if "service" in unit])
def test_the_unit_may_touch_little(installed, unit):
    """systemd's own mark: 0 is shut in, 10 is free to do anything."""
    arguments = ["--offline=yes", "--threshold=20", "--no-pager"]
    judged = analyze(installed, "security", *arguments, str(installed / unit))
    assert judged.returncode == 0, judged.stdout[-300:] + judged.stderr


@pytest.mark.parametrize("name", PROCFILE)
def test_every_way_of_running_it_runs_the_same(name):
    unit = (DEPLOY / "systemd" / f"mfr-{name}.service").read_text()
    started = re.search(r"^ExecStart=/srv/mfr/.venv/bin/(.+)$", unit, re.MULTILINE)[1]
    assert started == PROCFILE[name]
    assert COMPOSE["services"][name]["command"] == shlex.split(PROCFILE[name])


def test_every_part_of_a_machine_is_in_the_compose_file():
    assert {"db", "cache", "nginx", "web", "worker", "housekeeping"} <= set(
        COMPOSE["services"]
    )
    used = {
        volume.partition(":")[0]
        for service in COMPOSE["services"].values()
        for volume in service.get("volumes", [])
    }
    assert used == set(COMPOSE["volumes"])
    for service in COMPOSE["services"].values():
        assert set(service.get("depends_on", [])) <= set(COMPOSE["services"])


def test_every_variable_that_is_set_is_one_that_the_site_reads():
    told = set(re.findall(r"`([A-Z_]+)`", (ROOT / "README.md").read_text()))
    told |= set(re.findall(r"`([A-Z_]+)`", (DEPLOY / "README.md").read_text()))
    sample = (DEPLOY / "site.env").read_text()
    assert set(re.findall(r"^(?:# )?([A-Z_]+)=", sample, re.MULTILINE)) <= told
    for service in COMPOSE["services"].values():
        if service.get("image") == "mfr":
            assert set(service["environment"]) <= told


def test_what_the_image_is_made_of_is_there():
    text = (DEPLOY / "Dockerfile").read_text()
    for source in re.findall(r"^COPY (\S+)", text, re.MULTILINE):
        assert (ROOT / source).exists()
    build = COMPOSE["services"]["web"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).is_file()


def test_the_page_for_operators_names_every_file_of_its_folder():
    text = (DEPLOY / "README.md").read_text()
    missing = [
        path.name
        for path in (*DEPLOY.iterdir(), *(DEPLOY / "systemd").rglob("*"))
        if path.is_file() and path.name not in {"README.md", *text.split("`")}
    ]
    assert missing == []
