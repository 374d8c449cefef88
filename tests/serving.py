"""Real hosts for a test: gunicorn, and nginx where there is one, on the test's database."""

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from bench.servers import NGINX, free_port

needs_nginx = pytest.mark.skipif(not NGINX, reason="no nginx here")


def environment(runtime, **more):
    """What the processes of one site have in common.

    `runtime`: the folder of what one machine remembers for a day.
    """
    return {
        "DJANGO_SETTINGS_MODULE": "tests.served",
        "TEST_RUN": f"test:{secrets.token_hex(8)}",
        "DEBUG": "0",
        "SECRET_KEY": settings.SECRET_KEY,
        "SITE_URL": f"http://127.0.0.1:{free_port()}",
        "DATA_DIR": str(settings.DATA_DIR),
        "RUNTIME_DIR": str(runtime),
        "DATABASE_URL": database(),
        "CACHE_URL": settings.CACHE_URL,
        **more,
    }


def database(port=None):
    """The address of the database of this test; through another port, if one is given."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    given = urlsplit(os.environ["DATABASE_URL"])
    if port:
        user = given.netloc.rpartition("@")[0]
        given = given._replace(netloc=f"{user}@127.0.0.1:{port}")
    return given._replace(path=f"/{name}").geturl()


class Relay:
    """What stands between one host and a server: it can be cut, and mended again."""

    def __init__(self, port):
        self.to = ("127.0.0.1", port)
        self.port = free_port()
        self.ends = []
        self.mend()

    def mend(self):
        self.server = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=[self.server], daemon=True).start()

    def cut(self):
        """Close every connection, and take no new one."""
        for end in [self.server, *self.ends]:
            # A close alone would not wake who waits for it.
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self.ends.clear()

    def _accept(self, server):
        with contextlib.suppress(OSError):
            while True:
                near, _ = server.accept()
                far = socket.create_connection(self.to)
                self.ends += [near, far]
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=self._pass, args=pair, daemon=True).start()

    @staticmethod
    def _pass(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Postgres:
    """A server of its own, with a copy of the test's database, for a test that stops it."""

    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        if not os.getuid():
            shutil.chown(folder, "postgres")
        self._run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.start()
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        dump = subprocess.run(
            [_postgres("pg_dump"), "-d", database()], capture_output=True, check=True
        )
        subprocess.run(
            [_postgres("psql"), "-q", "-d", self.url],
            input=dump.stdout,
            stdout=subprocess.DEVNULL,
            check=True,
        )

    def start(self):
        given = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._run(
            "pg_ctl", "-w", "-s", "-l", f"{self.folder}/log", "-o", given, "start"
        )

    def stop(self):
        """As a crash does: nothing is finished, nobody is told."""
        self._run("pg_ctl", "-w", "-s", "-m", "immediate", "stop")

    def _run(self, program, *arguments):
        as_user = [] if os.getuid() else ["runuser", "-u", "postgres", "--"]
        command = [
            *as_user,
            _postgres(program),
            "-D",
            f"{self.folder}/data",
            *arguments,
        ]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)


def _postgres(program):
    """Its programs lie outside PATH."""
    return max(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), default=None)


needs_own_postgres = pytest.mark.skipif(
    not _postgres("initdb"), reason="no PostgreSQL to start here"
)
