# Every step is skipped when it is already done. `make help` lists the targets.

PYTHON := .venv/bin/python
GRADE := .venv/bin/grade
READY := .venv/.ready
DEMO_WRONG := assignments/camelkv/solutions/wrong/reply-before-log

.DEFAULT_GOAL := help
.PHONY: help setup engine images browser demo test test-unit test-docker lint verify bench goldens \
  schemas lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Make the virtual environment from requirements.lock

$(READY): requirements.lock pyproject.toml .ci/setup/venv.sh
	@sh .ci/setup/venv.sh
	@touch $@

engine: ## See that a Docker engine answers; install and start one if none does
	@sh .ci/setup/engine.sh

images: setup engine ## Build the sandbox images that are missing
	@$(GRADE) sandbox build > .venv/images.txt

browser: ## See that Chromium is there, for the tests of the reports
	@sh .ci/setup/browser.sh

demo: images ## Grade the model solution and a wrong one, and say where the reports are
	@$(GRADE) submit assignments/camelkv/solutions/accepted/model -a camelkv \
	  -o grade-reports/demo-model
	@$(GRADE) submit $(DEMO_WRONG) -a camelkv -o grade-reports/demo-wrong || [ $$? -eq 1 ]

test: test-unit test-docker ## Run all tests

test-unit: setup ## Run the tests that need no Docker
	@$(PYTHON) -m pytest -q tests/unit tests/contract

test-docker: images browser ## Run the tests on the real engine and in a browser
	@$(PYTHON) -m pytest -q tests --ignore=tests/unit --ignore=tests/contract

lint: setup ## Check style and types
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy

verify: images ## Prove every pack: all solutions, all cases
	@$(GRADE) verify

bench: images ## Measure what grading costs beyond building and testing
	@$(PYTHON) -m benchmarks

goldens: images ## Write the golden files anew; read the diff before committing it
	@$(PYTHON) -m tests.golden.refresh
	@$(PYTHON) -m tests.golden.system_calls

schemas: setup ## Write the JSON Schemas for editors anew
	@$(PYTHON) -m grader.packs.schema

lock: setup ## Lock the dependencies anew
	@$(PYTHON) -m pip install -q uv
	@$(PYTHON) -m uv pip compile -q pyproject.toml --group dev --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-annotate --no-header -o requirements.lock

clean: ## Remove the virtual environment, caches and reports; images stay
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist grade-reports
	@find grader tests benchmarks -name __pycache__ -prune -exec rm -rf {} +
