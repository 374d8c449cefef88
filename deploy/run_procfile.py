"""Run the processes of a Procfile together: when one ends, the others are stopped.

    python deploy/run_procfile.py [PROCFILE]

Each process gets a session of its own. So Ctrl-C, a closed terminal or a plain `kill`
reach only this one, which asks every process once to end, and waits.
"""

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

# Longer than gunicorn waits for its own workers (`graceful_timeout`).
SECONDS_TO_END = 25
SECONDS_BETWEEN_LOOKS = 0.1


def main(procfile: Path) -> int:
    """Run until a process ends or a signal comes; then end the rest.

    Returns 0 after a signal. A process that ends by itself is a failure: its own
    status then, or 1.
    """
    signals: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _frame: signals.append(number))

    children = [start(command) for command in commands(procfile)]
    try:
        while not signals and all(child.poll() is None for child in children):
            time.sleep(SECONDS_BETWEEN_LOOKS)
        ended = [child.returncode for child in children if child.returncode is not None]
    finally:
        stop(children)
    return 0 if signals else next(filter(None, ended), 1)


def commands(procfile: Path) -> list[list[str]]:
    """The command of each `name: command` line."""
    lines = procfile.read_text().splitlines()
    return [shlex.split(line.partition(":")[2]) for line in lines if ":" in line]


def start(command: list[str]) -> subprocess.Popen[bytes]:
    """Start a command, looking for it first beside the Python that runs this."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return subprocess.Popen(  # noqa: S603 - what the Procfile says is what shall run
        command, env={**os.environ, "PATH": path}, start_new_session=True
    )


def stop(children: list[subprocess.Popen[bytes]]) -> None:
    """Ask every process to end; kill what has not after SECONDS_TO_END."""
    for child in children:
        child.terminate()
    latest = time.monotonic() + SECONDS_TO_END
    for child in children:
        try:
            child.wait(timeout=max(0, latest - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


if __name__ == "__main__":
    sys.exit(main(Path(*sys.argv[1:2] or ["Procfile"])))
