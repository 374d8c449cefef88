"""Servers under measurement: started as production starts them, their CPU time read."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
SECONDS_TO_START = 60
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or ""


@dataclass(frozen=True)
class Server:
    """A running gunicorn or nginx; `pid` is its master, whose children do the work.

    `site`: the Host it is asked for, where that is not its own address.
    """

    pid: int
    port: int
    host: str = "127.0.0.1"
    log: Path | None = None
    site: str = ""

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def headers(self) -> dict[str, str]:
        """What each request to it carries."""
        return {"Host": self.site or f"{self.host}:{self.port}"}

    def processes(self) -> list[int]:
        found = [self.pid]
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it ended while we looked
            if int(fields[1]) == self.pid:
                found.append(int(stat.parent.name))
        return found

    def cpu_seconds(self) -> float:
        """User and system time of the master and its workers."""
        ticks = 0
        for pid in self.processes():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / TICKS

    def workers(self) -> list[int]:
        return self.processes()[1:]

    def memory(self, pids: list[int] | None = None) -> int:
        """Bytes of memory, shared pages counted once between those who share them.

        Of the master and its workers, or of some of them.
        """
        total = 0
        for pid in self.processes() if pids is None else pids:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            line = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
            total += int(line.split()[1]) * 1024
        return total


@contextmanager
def gunicorn(application: str, **environment: str) -> Iterator[Server]:
    """`application` under the project's own gunicorn settings, on a free port."""
    environment.setdefault("PORT", str(free_port()))
    port = int(environment["PORT"])
    environment.setdefault("SITE_URL", f"http://127.0.0.1:{port}")
    # As in deploy/site.env.
    environment.setdefault("MALLOC_ARENA_MAX", "2")
    # A worker that is replaced in the middle would take its CPU time with it.
    environment.setdefault("GUNICORN_CMD_ARGS", "--max-requests 0")
    with _running(
        [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", application],
        environment,
    ) as process:
        _wait_for(f"http://127.0.0.1:{port}/robots.txt", process)
        yield Server(process.pid, port)


@contextmanager
def nginx(host: str = "127.0.0.1", **environment: str) -> Iterator[Server]:
    """nginx as it is deployed, in front of the gunicorn of the same environment."""
    site = urlsplit(environment["SITE_URL"])
    port = site.port or 80
    with folder_in_memory() as run:
        conf = [sys.executable, "manage.py", "nginx_conf", "--listen", f"{host}:{port}"]
        written = subprocess.run(  # noqa: S603
            [*conf, "--run", str(run), "--log", f"{run}/log"],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            check=True,
        )
        (run / "nginx.conf").write_bytes(written.stdout)
        with _running(
            [NGINX, "-c", f"{run}/nginx.conf", "-g", "daemon off;"], environment
        ) as process:
            _wait_for(f"http://{host}:{port}/robots.txt", process)
            yield Server(process.pid, port, host, run / "log", site.netloc)


@contextmanager
def nginx_with_file() -> Iterator[tuple[Server, Path]]:
    """The mark to reach behind nginx: files of a folder, and nothing else to do."""
    port = free_port()
    module = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
    with folder_in_memory() as run:
        (run / "files").mkdir()
        (run / "nginx.conf").write_text(
            (f"load_module {module};\n" if module.exists() else "")
            + f"worker_processes auto; pid {run}/pid; error_log stderr emerg;"
            "events { worker_connections 8192; }"
            "http { access_log off; sendfile on; tcp_nopush on; gzip_static on;"
            + ("brotli_static on;" if module.exists() else "")
            + 'default_type "text/html; charset=utf-8";'
            f"server {{ listen 127.0.0.1:{port}; root {run}/files; }} }}"
        )
        with _running([NGINX, "-c", f"{run}/nginx.conf", "-g", "daemon off;"], {}) as p:
            _wait_for(f"http://127.0.0.1:{port}/page", p)
            yield Server(p.pid, port), run / "files"


@contextmanager
def behind_nginx(
    host: str = "127.0.0.1", *, files: bool = True, **environment: str
) -> Iterator[tuple[Server, Server, Path]]:
    """One host as in production: its nginx, its gunicorn, its folder of page files."""
    environment.setdefault("SITE_URL", f"http://127.0.0.1:{free_port()}")
    environment["TRUSTED_PROXY_COUNT"] = "1"
    environment["PORT"] = str(free_port())
    with folder_in_memory() as folder:
        environment["PAGE_FILES"] = str(folder) if files else ""
        with (
            gunicorn("mfr_site.wsgi", **environment) as app,
            nginx(host, **environment) as front,
        ):
            yield front, app, folder


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """A folder that nginx's workers may read too, whoever they are."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(
    command: list[str], environment: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(  # noqa: S603
        command, cwd=ROOT, env={**os.environ, **environment}, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Until somebody answers there; that they know no such name is an answer too."""
    until = time.monotonic() + SECONDS_TO_START
    while process.poll() is None:
        try:
            with urlopen(url, timeout=5):  # noqa: S310 - our own address
                return
        except HTTPError as answer:
            if answer.code < 500:
                return
        except OSError:
            pass
        if time.monotonic() > until:
            break
        time.sleep(0.1)
    raise RuntimeError(f"{process.args!r} does not answer.")
