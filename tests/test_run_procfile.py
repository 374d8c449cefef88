"""`make run` ends both of its processes, however it is stopped."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.server

PROGRAM = Path("deploy/run_procfile.py").resolve()
LIVES_ON = (
    "import signal, sys; sys.stdout.write('up\\n'); sys.stdout.flush(); signal.pause()"
)
CLOSES_IN_ORDER = (
    "import signal, sys; signal.signal(15, lambda *_: sys.exit(print('closed')));"
    "sys.stdout.write('up\\n'); sys.stdout.flush(); signal.pause()"
)


@pytest.fixture
def run(tmp_path):
    """Run these pieces of Python together. Whoever signals waits first for each "up"."""
    started = []

    def run(*pieces):
        procfile = tmp_path / "Procfile"
        procfile.write_text(
            "".join(f'p{n}: python -c "{code}"\n' for n, code in enumerate(pieces))
        )
        started.append(
            process := subprocess.Popen(
                [sys.executable, PROGRAM, procfile], stdout=subprocess.PIPE, text=True
            )
        )
        return process

    yield run
    for process in started:
        process.kill()
        process.stdout.close()
        process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_every_process_in_order(run, number):
    running = run(CLOSES_IN_ORDER, CLOSES_IN_ORDER)
    assert running.stdout.read(len("up\nup\n")).split() == ["up", "up"]
    running.send_signal(number)
    # The pipe ends when the last process that holds it has ended.
    assert running.stdout.read().count("closed") == 2
    assert running.wait() == 0


def test_when_one_process_ends_the_other_is_stopped(run):
    running = run(LIVES_ON, "raise SystemExit(7)")
    assert running.stdout.read() in {"", "up\n"}
    assert running.wait() == 7


def test_a_process_that_ends_by_itself_is_a_failure(run):
    assert run("pass").wait() == 1


def test_the_processes_of_this_project_are_the_web_server_and_the_worker():
    names = [
        line.partition(":")[0] for line in Path("Procfile").read_text().split("\n")
    ]
    assert names == ["web", "worker", ""]
