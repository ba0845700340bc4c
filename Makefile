# Everything runs from .venv, which the first target that needs it creates. Only python3 (3.11+) and make are needed.
.POSIX:
.DEFAULT_GOAL := help
.PHONY: help demo dashboard test coverage check test-browser test-proof test-package test-random test-crash test-mutation test-slow bench wheel constraints clean

PY = .venv/bin/python
INSTALL = $(PY) -m uv pip install --quiet --compile-bytecode --python $(PY) --constraint constraints.txt --editable .
PYTEST = $(PY) -m pytest -n 2 --dist worksteal

help: ## Explain the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

demo: .venv/runtime ## The whole job on a generated desk: report, staffing plan, HTML, dashboard
	@$(PY) -m staffcast_cli.main demo

dashboard: .venv/runtime ## Serve the dashboard of the demo
	@$(PY) -m staffcast_cli.main dashboard --data-dir demo/data

test: .venv/dev ## Unit, property, contract and dashboard tests; those that read times again in another zone
	TZ=America/St_Johns $(PYTEST) -m "not slow and not browser"
	TZ=Asia/Tokyo LC_ALL=C $(PYTEST) -m "not slow and not browser" -q tests/unit/core tests/unit/facts \
		tests/unit/metrics

coverage: .venv/dev ## The lines that make test does not reach
	$(PYTEST) -m "not slow and not browser" -q --cov --cov-report=term-missing:skip-covered

check: .venv/dev ## Lint, types and layers
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports

test-browser: .venv/dev ## Browser tests (need Chromium)
	$(PY) -m pytest -m browser tests/e2e

test-proof: .venv/dev ## Twenty simulated desks: do the intervals cover what is known to be true?
	$(PY) -m pytest -m slow tests/proof

test-package: .venv/dev ## Build the wheel and run it in a clean environment
	$(PY) -m pytest -m slow tests/packaging

test-random: .venv/dev ## Hundreds of random splits, orders, changes and faults
	$(PYTEST) -m slow tests/property tests/contract tests/unit

test-crash: .venv/dev ## Hundreds of kills, failing disks and competing processes
	$(PYTEST) -m slow tests/crash $(CRASH)

test-mutation: .venv/dev ## Are the metrics' tests able to fail? Small faults are put in, and must be found
	$(PY) -m tests.mutation.run

test-slow: .venv/dev ## Everything marked slow, the packaging test included
	$(PY) -m pytest -m slow

bench: .venv/dev ## Measure; prints tables, asserts nothing
	@for file in tests/benchmark/bench_*.py; do \
		echo "== $$file"; $(PY) -m tests.benchmark.$$(basename "$$file" .py) || exit 1; done

wheel: .venv/dev ## Build the wheel into dist/
	$(PY) -m hatchling build -t wheel

constraints: .venv/dev ## Pin the newest versions again
	$(PY) -m uv pip compile --quiet --universal --upgrade --group dev --no-header --no-annotate \
		--no-emit-index-url pyproject.toml -o constraints.txt

clean: ## Remove the environment, caches and the demo
	rm -rf .venv demo dist .coverage .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

.venv/bin/uv:
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "staffcast needs python3 3.11 or newer"; exit 1; }
	@echo "creating .venv"
	@python3 -m venv .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check uv

.venv/runtime: .venv/bin/uv pyproject.toml constraints.txt
	@echo "installing staffcast"
	@$(INSTALL)
	@echo "compiling the desk simulator"
	@$(PY) -m staffcast_sample_data .venv/warm-up --days 1 --scale 0.02 >/dev/null 2>&1 && rm -r .venv/warm-up
	@touch $@

.venv/dev: .venv/bin/uv pyproject.toml constraints.txt
	@echo "installing staffcast with the tools of its developers"
	@$(INSTALL) --group dev
	@touch $@ .venv/runtime
