# Needs Python 3.11 or newer and make, nothing else.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run test test-long test-everywhere lint format bench migration translations lock clean

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKERS ?= 2
# The newest Python that really runs here and can make a virtual environment.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3 python; do \
	$$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& { echo $$python; break; }; done)

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Install everything into .venv, and nothing elsewhere
	@echo "Ready. See $(BIN)/ambassade --help, or make help."

run: $(READY) ## Start everything on this machine, with a small demo community
	@exec $(BIN)/python -m server run $(ARGS)

test: $(READY) ## Run the tests (a few minutes)
	$(BIN)/python -m pytest -n $(WORKERS) -m "not long" $(ARGS)

test-long: $(READY) ## Run the tests that take long: crashes, real histories
	$(BIN)/python -m pytest -m long $(ARGS)

test-everywhere: ## Run the tests on each Python and PostgreSQL that is here
	@.ci/everywhere

lint: $(READY) ## Check format, style, types, and that imports only go down
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## Put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY) ## Measure what it can do, each figure beside its limit (half an hour)
	$(BIN)/python -m benchmarks $(ARGS)

migration: $(READY) ## Write the next migration: make migration app=community name=posts
	@test -n "$(app)" && test -n "$(name)" || { echo "Say which: make migration app=community name=posts"; exit 2; }
	$(BIN)/piccolo migrations new $(app) --auto --desc="$(name)"

translations: $(READY) ## Find the texts to translate, and put translations to use
	$(BIN)/python -m notifications.wording.catalogue

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header pyproject.toml

lock: $(READY) ## Look for newer dependencies and lock them
	$(BIN)/python -m pip install --quiet uv
	$(LOCK) --upgrade --output-file requirements.lock
	$(LOCK) --upgrade --group dev --constraint requirements.lock --output-file requirements-dev.lock

clean: ## Remove what can be made again (the data in .data stay)
	rm -rf $(VENV) .venvs build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements-dev.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Ambassade needs Python 3.11 or newer. Say where it is: make $(or $(MAKECMDGOALS),setup) PYTHON=/path/to/python3"; exit 1; }
	@echo "Installing into $(VENV) with $(PYTHON). The first time takes a minute or two."
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
