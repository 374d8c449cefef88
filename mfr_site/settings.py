"""One settings module, read from the environment (README, "Settings").

The defaults are those of one machine with nothing but Python on it. Another database,
cache or mail server is a change of environment, never of code.
"""

import os
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url

from .environment import env_bool, env_int, env_list, runtime_dir, secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("DATA_DIR") or BASE_DIR / "data").resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)
# Memory that workers share and no backup holds: recent acts and the key of the day.
RUNTIME_DIR = runtime_dir(DATA_DIR)

# --- What this site is -------------------------------------------------------------

DEBUG = env_bool("DEBUG", default=True)
SECRET_KEY = secret_key(DEBUG, DATA_DIR)
# Former keys, newest first: post keys and cookies made under them stay good.
SECRET_KEY_FALLBACKS = env_list("SECRET_KEY_FALLBACKS", [])
PORT = env_int("PORT", 8000)
SITE_NAME = os.environ.get("SITE_NAME") or "Myofascial Release"
SITE_URL = (os.environ.get("SITE_URL") or f"http://127.0.0.1:{PORT}").rstrip("/")
SITE_HOST = urlsplit(SITE_URL).hostname or "127.0.0.1"
HTTPS = SITE_URL.startswith("https://")
# An address that only this machine can open: somebody is trying the site out.
TRIAL = SITE_HOST in {"127.0.0.1", "localhost", "::1"} and not HTTPS
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", sorted({SITE_HOST, "127.0.0.1", "localhost"}))
TRUSTED_PROXY_COUNT = env_int("TRUSTED_PROXY_COUNT", 0)

ROOT_URLCONF = "mfr_site.urls"
WSGI_APPLICATION = "mfr_site.wsgi.application"
SITE_ID = 1

INSTALLED_APPS = [
    "mfr_site",
    # Before accounts, which takes some of its pages out of admin.
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "accounts",
    "articles",
    "discussion",
    "mfr_site.newsroom.apps.NewsroomConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.sites",
    "django.contrib.flatpages",
    "django.contrib.sitemaps",
    "django.contrib.humanize",
    "django.forms",
    "crispy_forms",
    "django_tasks",
    "django_tasks_db",
]

# Off without both: a doubted post then waits for a moderator (discussion/captcha.py).
RECAPTCHA_PUBLIC_KEY = os.environ.get("RECAPTCHA_PUBLIC_KEY", "")
RECAPTCHA_PRIVATE_KEY = os.environ.get("RECAPTCHA_PRIVATE_KEY", "")
RECAPTCHA_VERIFY_REQUEST_TIMEOUT = 3
if RECAPTCHA_PUBLIC_KEY and RECAPTCHA_PRIVATE_KEY:
    # For its check: with Google's test keys everybody would be a person.
    INSTALLED_APPS.append("django_recaptcha")

MIDDLEWARE = [
    # Outermost, so that no answer leaves without the headers.
    "mfr_site.middleware.security_headers",
    "django.middleware.security.SecurityMiddleware",
    "mfr_site.middleware.forget_the_browser",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "mfr_site.middleware.personal_pages_stay_private",
    "django.middleware.common.CommonMiddleware",
    "mfr_site.csrf.FetchMetadataCsrfMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.sessions_end",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.ReauthenticateWithoutKeeping",
    "accounts.middleware.editors_need_a_second_step",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mfr_site.context_processors.site",
            ],
        },
    },
    # Only for what a page repeats a hundred times: compiled, it takes a tenth of the time
    # of Django's own templates (SPEED §3). Those are found first; these end in .jinja.
    {
        "NAME": "compiled",
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
FORMS_URLFIELD_ASSUME_HTTPS = True
CRISPY_TEMPLATE_PACK = "mfr"
CRISPY_ALLOWED_TEMPLATE_PACKS = ["mfr"]

# --- Database, cache, tasks --------------------------------------------------------

DATABASES = {
    "default": dj_database_url.config(default=f"sqlite:///{DATA_DIR / 'site.sqlite3'}")
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["ENGINE"] = "mfr_site.fair_sqlite3"
    # IMMEDIATE: a transaction that reads and then writes must not fail under
    # contention. FULL: a post that was accepted is on the disk (STACK §10, TRUST R3).
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "PRAGMA mmap_size=134217728; PRAGMA cache_size=-20000;"
            "PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864;"
            # What is deleted is overwritten, not only forgotten (TRUST A31).
            "PRAGMA secure_delete=ON;"
        ),
    }
    DATABASES["default"]["CONN_MAX_AGE"] = None
else:
    DATABASES["default"]["OPTIONS"] = {
        # Whoever waits longer for a server that is away is told so, and is told at once
        # when it is back: attempts to reach it do not get rarer (TRUST R6).
        "pool": {"min_size": 1, "max_size": 8, "timeout": 2, "reconnect_timeout": 1},
        # Compiling a query takes longer than any of ours, and happens to all of them
        # while the tables have no statistics yet.
        "options": "-c jit=off",
    }
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    # A connection that died while nobody used it must not fail the next reader.
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Redis or Valkey, for limits that several machines share, and for nothing else: no request
# needs it to be up (short_memory.py). What allauth counts is in the database's table.
CACHE_URL = os.environ.get("CACHE_URL", "")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
    }
}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# --- Newsroom ----------------------------------------------------------------------

# Whether a new text needs an editor who did not write it: 1 always, 0 never (a newsroom
# of one). Left out: as soon as there are two editors.
NEWSROOM_SECOND_PERSON = (
    env_bool("NEWSROOM_SECOND_PERSON", default=True)
    if os.environ.get("NEWSROOM_SECOND_PERSON")
    else None
)

# --- Accounts ----------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.Backend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_logout"
PASSWORD_HASHERS = [
    "accounts.hashers.Argon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "accounts.passwords.MaximumLengthValidator"},
    {"NAME": "accounts.passwords.KnownPasswordValidator"},
    {
        "NAME": (
            "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"
        ),
        "OPTIONS": {"user_attributes": ("username", "email", "display_name")},
    },
]
PASSWORD_RESET_TIMEOUT = 3600

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
# The mails say ten minutes; allauth's own three are short for a slow mail server.
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 600
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SIGNUP_FORM_HONEYPOT_FIELD = "website"
# Ours count by network without an address, and never show which address is known here
# (accounts/limits.py); allauth keeps the ones that count by account.
ACCOUNT_RATE_LIMITS = {
    "login": "",
    "signup": "",
    "reset_password": "",
    "reset_password_from_key": "",
    "request_login_code": "",
    "confirm_email": "",
    # Only guesses at the second step come here: per account, which the password opened.
    "login_failed": "5/5m/key,50/d/key",
}
MFA_RATE_LIMITS = {"webauthn_login": ""}
ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "signup": "accounts.forms.SignupForm",
    "request_login_code": "accounts.forms.RequestLoginCodeForm",
    "confirm_login_code": "accounts.forms.ConfirmCodeForm",
    "confirm_email_verification_code": "accounts.forms.ConfirmEmailCodeForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "confirm_password_reset_code": "accounts.forms.ConfirmResetCodeForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "add_email": "accounts.forms.AddEmailForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
}
# Editors set up two-step log-in before they reach admin; not in a trial on one's own
# machine, unless it is asked for.
STAFF_SECOND_FACTOR = env_bool("STAFF_SECOND_FACTOR", default=not TRIAL)
MFA_ADAPTER = "accounts.mfa_adapter.MFAAdapter"
MFA_FORMS = {
    "authenticate": "accounts.forms.AuthenticateForm",
    "reauthenticate": "accounts.forms.ReauthenticateByCodeForm",
    "activate_totp": "accounts.forms.ActivateTOTPForm",
    "add_webauthn": "accounts.forms.AddWebAuthnForm",
    "edit_webauthn": "accounts.forms.EditWebAuthnForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
USERSESSIONS_TRACK_ACTIVITY = False

# --- Sessions, cookies, headers ----------------------------------------------------

SESSION_ENGINE = "accounts.session_store"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_COOKIE_HTTPONLY = True
# Kept by the browser of somebody who posts without an account; its path is that of one
# article's posts, which is why it cannot be called __Host- (discussion/authors.py).
POST_KEY_COOKIE_NAME = "__Secure-post-key" if HTTPS else "post-key"
# Whoever sends one of these gets a page of their own, never a shared one.
PERSONAL_COOKIES = [SESSION_COOKIE_NAME, POST_KEY_COOKIE_NAME]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "mfr_site.views.csrf_failure"
# It looks for Django's own class by name; ours is built on that class.
SILENCED_SYSTEM_CHECKS = ["security.W003"]
# A message kept in a cookie would reach pages that are the same for everybody.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
)
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# One constant header without a nonce, so that a shared page can carry it (STACK §2).
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; manifest-src 'self'; object-src 'none'"
)
# Far above any honest text: what is too long comes back in its form instead of being
# lost in an error page (TRUST D7, R16). The proxy in front allows the same.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

# --- Mail --------------------------------------------------------------------------

EMAIL_URL = os.environ.get("EMAIL_URL", "")
if EMAIL_URL:
    _mail = urlsplit(EMAIL_URL)
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = _mail.hostname or "localhost"
    EMAIL_PORT = _mail.port or 25
    EMAIL_HOST_USER = _mail.username or ""
    EMAIL_HOST_PASSWORD = _mail.password or ""
    EMAIL_USE_TLS = _mail.scheme in {"smtp+tls", "submission"}
    EMAIL_USE_SSL = _mail.scheme == "smtps"
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = (
    os.environ.get("DEFAULT_FROM_EMAIL") or f"{SITE_NAME} <editors@{SITE_HOST}>"
)
CONTACT_EMAIL = parseaddr(DEFAULT_FROM_EMAIL)[1]
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Files -------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "mfr_site.static_storage.StaticStorage"
        )
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# --- The page cache ------------------------------------------------------------------

# The Host headers that pages are kept for: a page is the same under each of them.
PAGE_CACHE_HOSTS = {urlsplit(SITE_URL).netloc} | {
    host for name in ALLOWED_HOSTS for host in (name, f"{name}:{PORT}")
}

# A folder from which nginx gives out pages by itself (deploy/README.md). Every process
# of the site on this machine must know it: web, worker and commands.
PAGE_FILES = Path(os.environ["PAGE_FILES"]) if os.environ.get("PAGE_FILES") else None

# --- Language and time -------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Logs: no address, no text of a visitor (TRUST §4.4) -----------------------------

# Who gets a mail when a page fails: addresses, separated by commas.
ERROR_MAIL = env_list("ERROR_MAIL", [])
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "mfr_site.logs.WithoutWords"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        "mail": {
            "class": "mfr_site.logs.ErrorMail",
            "formatter": "line",
            "level": "ERROR",
        },
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        # A page that is not there is nobody's failure; its address may be a secret.
        "django.request": {"handlers": ["mail"], "level": "ERROR"},
        "django.security.DisallowedHost": {"handlers": [], "propagate": False},
        # Log-ins, refusals and limits, by number of account.
        "mfr_site.security": {"level": "INFO"},
    },
}
