# From a bare machine: Python 3.11 or newer, make, and a way to PyPI.
#
#   make run      the site with its content at http://127.0.0.1:8000  (PORT=8080 for another)
#   make test     every test                                          (ARGS="tests/articles -x")
#   make bench    what it costs, beside a server that does nothing    (BENCH_ROUNDS=5)
#   make check    format, lint, types, import directions, migrations, deployment
#   make format   write the formatting that `make check` asks for

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PY := $(BIN)/python
PIP := $(PY) -m pip --disable-pip-version-check -qq
TEMPLATES = $(shell find . -path ./.venv -prune -o -path '*/templates/*' -name '*.html' -print)

export PORT ?= 8000
export PYTHONUNBUFFERED = 1

.PHONY: help run test bench check format migrate clean

help:
	@sed -n '1,/^$$/s/^# \{0,1\}//p' Makefile


## The virtual environment: one stamp for what the site needs, one for what its authors do.

.venv/site.stamp: requirements.txt
	@$(or $(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one with PYTHON=." >&2; exit 1; }
	@test -x $(BIN)/pip || { echo "Making a virtual environment in .venv"; $(PYTHON) -m venv --clear .venv; }
	@echo "Installing requirements.txt"
	@$(PIP) install -r requirements.txt
	@touch $@

.venv/tools.stamp: requirements-dev.txt .venv/site.stamp
	@echo "Installing requirements-dev.txt"
	@$(PIP) install -r requirements-dev.txt
	@touch $@


## Running

# Served as the world would be served, with DEBUG off. Only the signing key is the one
# that development keeps in the data folder, and Ctrl-C does not wait for idle browsers.
DATA_DIR ?= data
SERVED = SECRET_KEY=$${SECRET_KEY:-$$(cat $(DATA_DIR)/secret_key)} DEBUG=$${DEBUG:-0}

run: migrate
	@$(SERVED) $(PY) manage.py load_content
	@$(SERVED) $(PY) manage.py collectstatic --no-input --verbosity 0
	@echo
	@echo "  The site       http://127.0.0.1:$(PORT)/"
	@echo "  An editor      $(PY) manage.py createsuperuser"
	@echo "  Mail           $(if $(EMAIL_URL),sent to the server in EMAIL_URL,written to files in $(DATA_DIR)/mail)"
	@echo "  To stop        Ctrl-C"
	@echo
	@$(SERVED) GUNICORN_CMD_ARGS="--graceful-timeout 2 $$GUNICORN_CMD_ARGS" exec $(PY) deploy/run_procfile.py

migrate: .venv/site.stamp
	@$(PY) manage.py migrate --no-input --verbosity 0


## Judging

test: .venv/tools.stamp
	@$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist worksteal $(ARGS)

bench: .venv/site.stamp
	@$(PY) -m bench

check: .venv/tools.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djade --target-version 5.2 --check $(TEMPLATES)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(PY) manage.py makemigrations --check --dry-run
	$(DEPLOYED) $(PY) manage.py check --deploy --fail-level WARNING

# Production as the environment would describe it, with a key that lives this long only.
DEPLOYED = SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(50))') \
	DEBUG=0 ALLOWED_HOSTS=www.example.org SITE_URL=https://www.example.org TRUSTED_PROXY_COUNT=1

format: .venv/tools.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djade --target-version 5.2 $(TEMPLATES)

clean:
	rm -rf .venv staticfiles .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
