# Sayso's commands. `make run` serves it with demo data, `make test` tests it; both set up what they need first.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
NPM := $(shell command -v npm)
# What serving needs of npm is small; the auditors that the tests need are not.
SERVED_MODULES := $(if $(NPM),node_modules/.sayso-served)
NODE_MODULES := $(if $(NPM),node_modules/.sayso-installed)
NPM_FAILED = echo "npm could not install: GraphiQL will come from a CDN, and tests that need npm's files are skipped" >&2; \
	[ -z "$${CI:-}" ]
NPM_CI := npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
# A file stays with one process: its fixtures, browsers and servers among them, are made once.
PARALLEL := --numprocesses auto --dist loadfile
LOCKING := --quiet --generate-hashes --strip-extras --allow-unsafe --no-header \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options

.PHONY: help run test check bench screenshots install lock format

help:  ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 20

run: export SAYSO_PUBLIC_URL ?= http://127.0.0.1:$(PORT)
run: $(VENV)/.run $(SERVED_MODULES)  ## serve on http://127.0.0.1:8000 (PORT=…) with demo data
	@$(BIN)/sayso migrate
	@$(BIN)/sayso demo --once
	@exec $(BIN)/sayso serve --port $(PORT)

test: $(VENV)/.dev $(NODE_MODULES)  ## every test this machine can run (ARGS=… goes to pytest)
	$(BIN)/pytest $(PARALLEL) $(ARGS)

check: $(VENV)/.dev $(NODE_MODULES)  ## lint, types, architecture and tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest $(PARALLEL) $(ARGS)

bench: $(VENV)/.dev  ## the benchmarks' ratios on PostgreSQL (SAYSO_TEST_POSTGRES names it; ARGS=--help)
	$(BIN)/python -m tests.benchmarks $(ARGS)

screenshots: $(VENV)/.dev  ## the pictures in docs/, by Chromium (ARGS=--help)
	$(BIN)/python -m tests.browser.screenshots $(ARGS) >/dev/null

install: $(VENV)/.dev $(NODE_MODULES)  ## set up only

format: $(VENV)/.dev  ## format and mend what ruff can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/.dev  ## newest versions into the locks: hashes, no index addresses
	$(BIN)/pip-compile $(LOCKING) --upgrade --build-deps-for editable -o requirements.lock pyproject.toml
	$(BIN)/pip-compile $(LOCKING) --upgrade --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml
	npm install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund

$(BIN)/python:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Sayso needs Python 3.11 or newer (PYTHON=… names one)")'
	"$(PYTHON)" -m venv $(VENV)

$(VENV)/.run: requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

node_modules/.sayso-served: package.json package-lock.json
	@$(NPM_CI) --omit=dev && touch $@ || { $(NPM_FAILED); }

node_modules/.sayso-installed: package.json package-lock.json
	@$(NPM_CI) && touch node_modules/.sayso-served $@ || { $(NPM_FAILED); }
