# What one does with Pets, one command each. On Windows: see the README for the same without make.

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
# A throw-away cluster, gone after the run: nothing in it has to survive a power cut.
POSTGRESQL := pg_virtualenv -t -o fsync=off -o synchronous_commit=off -o full_page_writes=off

FROM := $(if $(wildcard wheels),--no-index --find-links wheels)

.DEFAULT_GOAL := help
.PHONY: help run wheels test check format texts bench

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/installed ## Set up what is needed, and serve the register
	@$(BIN)/python app.py

wheels: .venv/installed ## Collect what Pets needs in wheels/: with that folder, "make run" needs no internet
	@$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --wheel-dir wheels --requirement requirements.txt $(ARGS)

test: .venv/installed-for-tests ## Run the tests on SQLite, then on PostgreSQL if it is here; ARGS="-k undo" picks some
	@echo "Tests on SQLite"
	@$(call pytest)
	@if command -v pg_virtualenv > /dev/null; then \
		echo "Tests on PostgreSQL"; \
		PETS_TEST_DATABASE=postgresql $(call pytest,$(POSTGRESQL)); \
	else \
		echo "PostgreSQL (pg_virtualenv) is not here: tested on SQLite alone."; \
		case "$$PETS_TEST_REQUIRE" in *postgresql*) exit 1 ;; esac; \
	fi

# What is compiled is kept, also where the environment says not to: each worker, server and command of the
# tests would compile all of it again.
COMPILED := env PYTHONDONTWRITEBYTECODE= PYTHONPYCACHEPREFIX="$(CURDIR)/.venv/compiled"

# ARGS="--order 7" shuffles the files, and the tests of each.
# Five is pytest's word for "no test chosen", as ARGS may well do for one of the two databases.
pytest = $(1) $(COMPILED) $(BIN)/python -m pytest --numprocesses auto --dist worksteal $(ARGS) || test $$? = 5

check: .venv/installed-for-tests ## Lint, look at the format, check the types
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

format: .venv/installed-for-tests ## Format the code, and mend what the linter can mend
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

# Nothing is compiled from a catalogue: the site reads it as it is.
texts: .venv/installed-for-tests ## Bring the catalogues in pets/translations up to date with the texts, for translators
	@$(BIN)/pybabel --quiet extract --mapping pets/translations/babel.cfg --no-location --sort-output --no-wrap \
		--keywords "lazy_gettext lazy_ngettext:1,2 lazy_pgettext:1c,2" --project Pets --output .venv/texts.pot .
	@$(BIN)/pybabel --quiet update --input-file .venv/texts.pot --output-dir pets/translations --no-wrap \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date

bench: .venv/installed-for-bench ## Measure the site at 100, 10,000 and 1,000,000 pets, beside Django’s admin
	@$(BIN)/python -m tests.scale $(ARGS)

# A .venv that does not work (a Python that is gone, a set-up that was cut short) is made again.
.venv/installed: requirements.txt
	@$(BIN)/python -m pip --version > /dev/null 2>&1 || { \
		echo "Setting up Python in .venv (once, some seconds)"; $(PYTHON) -m venv --clear .venv; }
	@echo "Installing what Pets needs (once, about half a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(FROM) --requirement requirements.txt
	@touch $@

.venv/installed-for-tests: .venv/installed tests/requirements.txt
	@echo "Installing what the tests need (once, about half a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement tests/requirements.txt
	@touch $@

.venv/installed-for-bench: .venv/installed-for-tests tests/scale/requirements.txt
	@echo "Installing what it is measured beside (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement tests/scale/requirements.txt
	@touch $@
