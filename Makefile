# Everything one does with a checkout. `make run` and `make test` need Python 3.11 or newer and
# make, nothing else: they build .venv from uv.lock the first time and whenever the lock changed.

VENV := .venv
CONFIG ?= config.example.toml
KILLS ?= 300
CAMPAIGN ?= all
TURNS ?= 1000
PYTEST_ARGS ?=
OUT = build/demo.html
COVERAGE ?=

# A virtualenv that happens to be active elsewhere is not ours.
unexport VIRTUAL_ENV

CANDIDATES = python3 python3.13 python3.12 python3.11
# The first that works and is new enough.
PYTHON = $(shell for each in $(CANDIDATES); do \
	"$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && \
	command -v "$$each" && break; done)

SYSTEM_UV := $(shell command -v uv)
UV := $(or $(SYSTEM_UV),$(VENV)/bin/uv)
SYNC := UV_PROJECT_ENVIRONMENT=$(VENV) UV_PYTHON=$(VENV)/bin/python UV_PYTHON_DOWNLOADS=never \
	$(UV) sync --frozen --compile-bytecode --quiet
TOOLS := $(VENV)/bin/python $(if $(SYSTEM_UV),,$(VENV)/bin/uv)

# Stamps: younger than the lock means there is nothing to install.
TO_RUN := $(VENV)/.ready-to-run
TO_TEST := $(VENV)/.ready-to-test

.PHONY: help run test check lint gates build crash chaos bench demo demo-picture clean

help:  ## say what there is
	@sed -n 's/^\([a-z-]*\):.*  ## /\1 /p' $(MAKEFILE_LIST) | \
		while read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done

run: $(TO_RUN)  ## chat in the terminal; needs no token and no key (CONFIG=config.toml for yours)
	@exec $(VENV)/bin/minibot run --config $(CONFIG)

test: $(TO_TEST)  ## run the tests (PYTEST_ARGS="tests/core -x"; COVERAGE=1 to measure)
	@$(VENV)/bin/pytest -q -n auto --dist worksteal $(if $(COVERAGE),--cov --cov-report=) $(PYTEST_ARGS)

check: lint  ## everything a change has to pass
	@$(MAKE) --no-print-directory test COVERAGE=1
	@$(MAKE) --no-print-directory gates build

lint: $(TO_TEST)  ## lock file, style, types, rule of dependency
	@$(UV) lock --check --quiet || { echo "uv.lock does not fit pyproject.toml: run uv lock" >&2; exit 1; }
	@$(VENV)/bin/ruff check --quiet .
	@$(VENV)/bin/ruff format --check --quiet . || { $(VENV)/bin/ruff format --check . >&2; exit 1; }
	@$(VENV)/bin/mypy --no-error-summary
	@$(VENV)/bin/lint-imports > $(VENV)/lint-imports.txt || { cat $(VENV)/lint-imports.txt >&2; exit 1; }
	@echo "lint: lock, ruff, format, mypy and import-linter are clean"

gates: $(TO_TEST)  ## judge the coverage that `make test COVERAGE=1` measured
	@$(VENV)/bin/python .ci/coverage_gates.py

build: $(TO_TEST)  ## the wheel, into dist/
	@$(UV) build --wheel --quiet --out-dir dist
	@echo "build: $$(ls -t dist/*.whl | head -n 1)"

crash: $(TO_TEST)  ## kill the daemon at random moments, count what is lost (KILLS=300 CAMPAIGN=all)
	@KILLS=$(KILLS) CAMPAIGN=$(CAMPAIGN) $(VENV)/bin/python -m tests.crash

chaos: $(TO_TEST)  ## have half of all model calls fail and see who notices (TURNS=1000)
	@TURNS=$(TURNS) $(VENV)/bin/python -m tests.chaos

bench: $(TO_TEST)  ## measure
	@$(VENV)/bin/python -m tests.bench

demo: $(TO_TEST)  ## play a conversation and write it as a page to look at (OUT=build/demo.html)
	@$(VENV)/bin/python -m tests.demo --out "$(OUT)"

demo-picture: $(TO_TEST)  ## the same, and the picture in README.md; needs Chromium
	@$(VENV)/bin/python -m tests.demo --out "$(OUT)" --picture .github/demo.png

clean:  ## remove what make and the tools built; data and configuration stay
	@rm -rf $(VENV) dist build htmlcov .coverage .coverage.* .hypothesis .pytest_cache .mypy_cache \
		.ruff_cache .import_linter_cache
	@find minibot tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(TO_RUN): pyproject.toml uv.lock | $(TOOLS)
	@echo "Installing what minibot needs ..." >&2
	@$(SYNC) --no-dev --inexact
	@touch $@

# What the tests need contains what a run needs.
$(TO_TEST): pyproject.toml uv.lock | $(TOOLS)
	@echo "Installing what minibot and its tests need ..." >&2
	@$(SYNC)
	@touch $(TO_RUN) $@

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "minibot needs Python 3.11 or newer; none of these is:" \
		"$(CANDIDATES). Name another: make PYTHON=/path/to/python" >&2; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version) ..." >&2
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(if $(SYSTEM_UV),--without-pip) $(VENV) >&2 || { rm -rf $(VENV); \
		echo "Python cannot make a virtual environment." \
		"On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }

$(VENV)/bin/uv: | $(VENV)/bin/python
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.8,<1' || { \
		echo "uv, which reads uv.lock, could not be installed: is the network up?" >&2; exit 1; }
