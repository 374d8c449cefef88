import os
import secrets
import subprocess
import sys

import pytest
from django.conf import settings as live
from django.test import override_settings
from django_recaptcha.constants import TEST_PRIVATE_KEY, TEST_PUBLIC_KEY

from mfr_site.checks import check_deployment, check_settings

TESTING = TEST_PUBLIC_KEY, TEST_PRIVATE_KEY
PRODUCTION = {
    "DEBUG": "0",
    "SITE_URL": "https://www.example.org",
    "ALLOWED_HOSTS": "www.example.org",
    "TRUSTED_PROXY_COUNT": "1",
}


def manage(*arguments, **environment):
    kept = {"PATH": os.environ["PATH"], "DATA_DIR": str(live.DATA_DIR)}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=live.BASE_DIR,
        env=kept | PRODUCTION | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_production_settings_leave_nothing_to_say():
    key = secrets.token_urlsafe(50)
    done = manage("check", "--deploy", "--fail-level", "WARNING", SECRET_KEY=key)
    assert done.returncode == 0
    assert done.stderr == ""
    assert done.stdout == "System check identified no issues (1 silenced).\n"


@pytest.mark.parametrize("keys", ["own", "for tests"])
def test_with_a_captcha_only_the_keys_for_tests_stop_the_start(keys):
    """With Google's keys for tests everybody would be a person."""
    public, private = ("public", "private") if keys == "own" else TESTING
    environment = {"RECAPTCHA_PUBLIC_KEY": public, "RECAPTCHA_PRIVATE_KEY": private}
    key = secrets.token_urlsafe(50)
    done = manage("check", SECRET_KEY=key, **environment)
    assert done.returncode == (keys != "own")
    assert ("recaptcha_test_key_error" in done.stderr) is (keys != "own")


def test_without_a_key_the_start_stops_with_one_clear_line():
    done = manage("check")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "SECRET_KEY is not set" in done.stderr


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"SITE_URL": "www.example.org"}, "mfr_site.E001"),
        ({"SITE_URL": "https://www.example.org/forum"}, "mfr_site.E001"),
        ({"ALLOWED_HOSTS": ["other.example.org"]}, "mfr_site.E002"),
        ({"MIDDLEWARE": live.MIDDLEWARE[::-1]}, "mfr_site.E003"),
        ({"RUNTIME_DIR": live.DATA_DIR / "run"}, "mfr_site.E004"),
        ({"RECAPTCHA_PUBLIC_KEY": "one-alone"}, "mfr_site.E005"),
        ({"RECAPTCHA_PRIVATE_KEY": "one-alone"}, "mfr_site.E005"),
        ({"PAGE_FILES": live.DATA_DIR / "pages"}, "mfr_site.E006"),
    ],
)
def test_a_wrong_setting_is_named(changed, name):
    with override_settings(**changed):
        assert name in [message.id for message in check_settings()]


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"ALLOWED_HOSTS": ["*"]}, "mfr_site.W001"),
        ({"STAFF_SECOND_FACTOR": False}, "mfr_site.W002"),
    ],
)
def test_a_risk_is_named_where_strangers_come(changed, name):
    with override_settings(STAFF_SECOND_FACTOR=True), override_settings(**changed):
        assert [message.id for message in check_deployment()] == [name]


def test_the_settings_of_this_run_are_right():
    assert check_settings() == []


def test_over_https_cookies_are_bound_to_the_host_and_kept_from_scripts():
    said = manage(
        "shell",
        *("--verbosity", "0", "--command"),
        "from django.conf import settings as s;"
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE,"
        " s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_PATH,"
        " s.SESSION_COOKIE_DOMAIN, s.SECURE_SSL_REDIRECT, s.STAFF_SECOND_FACTOR)",
        SECRET_KEY=secrets.token_urlsafe(50),
    )
    assert said.stdout.split() == (
        [
            "__Host-session",
            "__Host-csrf",
            "True",
            "True",
            "True",
            "/",
            "None",
            "True",
            "True",
        ]
    )
