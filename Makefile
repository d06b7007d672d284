# What people and CI type.  `make` alone tells what there is.

PYTHON ?= python3
VENV   ?= .venv
SITE   ?= inventories/yunzhou
BIN    := $(VENV)/bin
RUN    := $(BIN)/govstack --site $(SITE)

.DEFAULT_GOAL := help
.PHONY: help install up down status test unit lint format schema bench campaign-tests campaign-speed campaign-configure campaign-kill lock clean
.DELETE_ON_ERROR:

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.installed ## govstack in an environment of its own

up: install ## bring the small city of Yunzhou to life on the embedded cloud
	@$(RUN) up --yes

down: ## remove the city and its embedded cloud; caches and the environment stay
	@if [ -x $(BIN)/govstack ]; then $(RUN) down --yes && $(RUN) sandbox remove --yes; \
	else echo "nothing to remove: govstack is not installed here"; fi

status: install ## what is up
	@$(RUN) status

test: $(VENV)/.installed-dev ## all tests but the campaigns, with the embedded cloud
	@$(BIN)/pytest -m "not campaign" --numprocesses 2 --dist loadfile

unit: $(VENV)/.installed-dev ## the tests that take seconds
	@$(BIN)/pytest -m "not e2e"

lint: $(VENV)/.installed-dev ## style, types, import rules
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports --no-logo

format: $(VENV)/.installed-dev ## put the code into the house's form
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

schema: $(VENV)/.installed ## docs/schema, after a change of the site's files
	@for kind in site system environment profile; do \
	$(BIN)/govstack schema $$kind --output text > docs/schema/$$kind.json; done

bench: $(VENV)/.installed-dev ## the figures that the documents name
	@$(BIN)/python benchmarks/first_light.py
	@$(BIN)/python benchmarks/large_city.py
	@$(BIN)/python benchmarks/unchanged.py
	@$(BIN)/python benchmarks/inventory.py

campaign-tests: $(VENV)/.installed-dev ## the tests that take very long: all roles on hosts, faults of the cloud
	@$(BIN)/pytest -m campaign

campaign-speed: $(VENV)/.installed-dev ## beside Terraform, and with the size of the city: hours
	@$(BIN)/python benchmarks/preview.py
	@$(BIN)/python benchmarks/growth.py --picture

campaign-configure: $(VENV)/.installed-dev ## hosts of the whole city configured, again, verified: half an hour
	@$(BIN)/python benchmarks/configured_city.py

campaign-kill: $(VENV)/.installed-dev ## 70 runs, each killed at a random moment: the next one must mend it
	@$(BIN)/python benchmarks/campaign_kill.py

lock: $(VENV)/.installed-dev ## raise the locked versions of all libraries
	@requirements/lock $(BIN)

clean: ## remove the environment and what tools keep in this folder
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist

$(VENV)/.python:
	@$(PYTHON) requirements/check_python.py
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.python requirements/runtime.lock pyproject.toml
	@echo "installing govstack into $(VENV)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements/dev.lock
	@echo "installing what tests need into $(VENV)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@touch $@
