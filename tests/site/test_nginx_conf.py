"""The configuration that is printed for nginx, judged by nginx and by its words."""

import os
import subprocess

import pytest
from django.core.management import CommandError, call_command

from bench.servers import NGINX, folder_in_memory
from tests.serving import needs_nginx


@pytest.fixture
def printed(settings, capsys):
    """`printed(*arguments, **settings)`: what the command says."""

    def run(*arguments, **changed):
        settings.TRUSTED_PROXY_COUNT = 1
        for name, value in changed.items():
            setattr(settings, name, value)
        call_command("nginx_conf", *arguments)
        return capsys.readouterr().out

    return run


HTTPS = {"SITE_URL": "https://www.example.org", "HTTPS": True}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"TRUSTED_PROXY_COUNT": 0}, "TRUSTED_PROXY_COUNT=1"),
        (HTTPS, "--tls"),
    ],
)
def test_settings_that_cannot_work_are_refused(printed, changed, told):
    with pytest.raises(CommandError, match=told):
        printed(**changed)


def test_the_outermost_proxy_drops_what_a_client_claims_about_itself(printed):
    assert "X-Forwarded-For $remote_addr;" in printed()
    behind = printed(TRUSTED_PROXY_COUNT=2, **HTTPS)
    assert "X-Forwarded-For $proxy_add_x_forwarded_for;" in behind
    assert "X-Forwarded-Proto $http_x_forwarded_proto;" in behind


def test_no_address_and_no_words_are_logged(printed):
    text = printed()
    assert "$remote_addr" not in text.replace("X-Forwarded-For $remote_addr", "")
    assert "error_log stderr emerg;" in text
    assert text.count("access_log") == 1


def test_what_is_said_in_the_settings_is_not_said_twice(printed, settings, tmp_path):
    text = printed(PAGE_FILES=tmp_path, DATA_UPLOAD_MAX_MEMORY_SIZE=12345)
    for value in (settings.CONTENT_SECURITY_POLICY, "max_body_size 12345;", tmp_path):
        assert str(value) in text
    assert "@now" not in printed(PAGE_FILES=None)


@needs_nginx
@pytest.mark.parametrize("files", [True, False], ids=["files", "no-files"])
@pytest.mark.parametrize("tls", [True, False], ids=["tls", "plain"])
def test_nginx_understands_it(printed, files, tls):
    with folder_in_memory() as run:
        arguments = ["--run", str(run), "--log", str(run / "log")]
        if tls:
            arguments += ["--tls", str(run)]
            certificate(run)
        text = printed(
            *arguments, PAGE_FILES=run if files else None, **(HTTPS if tls else {})
        )
        (run / "nginx.conf").write_text(text)
        judged = subprocess.run(
            [NGINX, "-t", "-q", "-c", run / "nginx.conf"],
            capture_output=True,
            text=True,
            check=False,
        )
        # Who is not root cannot hold the ports of the web; nginx says so at the end.
        assert judged.returncode == 0 or os.getuid(), judged.stderr
        assert "syntax" not in judged.stderr
        assert ("ssl_certificate" in text) == tls


def certificate(folder):
    command = "openssl req -x509 -newkey rsa:2048 -nodes -batch -keyout privkey.pem"
    subprocess.run(
        [*command.split(), "-out", "fullchain.pem"],
        cwd=folder,
        capture_output=True,
        check=True,
    )
