"""gunicorn itself, with our configuration and an application of the standard library."""

import os
import re
import signal
import socket
import subprocess
import sys

import pytest

pytestmark = pytest.mark.server

APPLICATION = "wsgiref.simple_server:demo_app"


@pytest.fixture
def gunicorn():
    """A running gunicorn, and the address it listens at."""
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", APPLICATION],
        env={**os.environ, "PORT": "0", "WEB_CONCURRENCY": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )
    line = next(line for line in process.stderr if "Listening at" in line)
    yield process, ("127.0.0.1", int(re.search(r"127.0.0.1:(\d+)", line)[1]))
    process.kill()
    process.stderr.close()
    process.wait()


def ask(address, request):
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(request)
        return connection.recv(1000)


def test_a_request_is_answered_and_not_logged(gunicorn):
    process, address = gunicorn
    assert b"200 OK" in ask(address, b"GET /what-they-read HTTP/1.1\r\nHost: x\r\n\r\n")
    process.send_signal(signal.SIGTERM)
    assert "what-they-read" not in process.stderr.read()
    assert process.wait() == 0


def test_a_malformed_request_is_logged_without_its_address_or_text(gunicorn):
    process, address = gunicorn
    answer = ask(address, b"GET / HTTP/1.1\r\nHost: x\r\nTheir words: x\r\n\r\n")
    assert b"400 Bad Request" in answer
    process.send_signal(signal.SIGTERM)
    log = process.stderr.read()
    assert "Refused a malformed request." in log
    assert "127.0.0.1" not in log
    assert "Their words" not in log
