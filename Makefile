# skycommons: each target does all the set-up that it needs, from a bare clone; a second call takes seconds.
# Try `make help`.

PYTHON   ?= python3
SCENARIO ?= scenarios/default.toml
JOBS     ?= 2

BIN  := .venv/bin
comma := ,
# Numba notices a change of the file that a kernel is in, but not of the kernels that it calls from other files. So the
# compiled code is kept apart for each state of all kernels.
export NUMBA_CACHE_DIR := $(CURDIR)/.cache/numba/$(shell grep -l njit src/skycommons/*/*.py benchmarks/*.py 2>/dev/null | xargs cat | cksum | cut -d' ' -f1)
SKYCOMMONS_SOURCES := src tests scripts benchmarks scenarios
# Each script folder that has Python in it; a room may still be empty.
CHECKED := $(foreach folder,$(SKYCOMMONS_SOURCES),$(if $(wildcard $(folder)/*),$(folder)))

.DEFAULT_GOAL := help
.PHONY: help run story test unit kernels check format bench model tampering crashes differential docs docs-serve lock clean mutants fuzz setup-run setup-test setup-docs \
  setup-mutants setup-fuzz
# Nothing here is safe to run beside the installation it starts with.
.NOTPARALLEL:

help: ## say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

run: setup-run ## compute the default scenario and show it (SCENARIO=... for another one)
	@$(BIN)/skycommons run $(SCENARIO)

story: setup-run ## tell the story of two islands that nobody can switch off alone
	@$(BIN)/python scenarios/decisions/story.py

test: setup-test ## run every test and hold coverage to its limits
	@rm -f .coverage .coverage.* coverage.json
	$(BIN)/python -m pytest -q -n $(JOBS) --dist worksteal --cov --cov-report= --cov-fail-under=0
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest -q -n $(JOBS) -m kernel --cov --cov-append --cov-report= --cov-fail-under=0
	@$(BIN)/python -m coverage json --quiet --fail-under=0 -o coverage.json
	@$(BIN)/python scripts/coverage_gates.py coverage.json

check: setup-test ## format, lint, types and import contracts; says everything before it fails
	@failed=0; \
	$(BIN)/ruff format --check --quiet $(CHECKED) || failed=1; \
	$(BIN)/ruff check --quiet $(CHECKED) || failed=1; \
	$(BIN)/mypy || failed=1; \
	contracts=$$($(BIN)/lint-imports 2>&1) || failed=1; \
	echo "$$contracts" | grep -E 'KEPT|BROKEN|^skycommons|^- |->|Could not|Contracts:' || true; \
	exit $$failed

format: setup-test ## format the sources and mend what ruff can mend
	$(BIN)/ruff format $(CHECKED)
	$(BIN)/ruff check --fix $(CHECKED)

bench: setup-test ## time the hot paths against their peers, in one run
	@$(BIN)/python -m benchmarks

differential: setup-test ## ask Go and us a million random questions about logs (CASES=... for another number)
	@$(BIN)/python -m scripts.differential --cases $(or $(CASES),1000000)

mutants: setup-test setup-mutants ## break the kernel in thousands of ways and see whether its tests notice (ONLY=merkle,notes)
	@$(BIN)/python -m scripts.mutants $(subst $(comma), ,$(ONLY))

fuzz: setup-test setup-fuzz ## throw bytes at every reader of governance, MINUTES=5 in all
	@$(BIN)/python -m scripts.fuzz --minutes $(or $(MINUTES),5)

tampering: setup-test ## change databases behind their doors ten thousand times, in three ways (TIMES=... for another number)
	@$(BIN)/python -m tests.support.tampering $(or $(TIMES),10000)

crashes: setup-test ## kill two thousand writers on SQLite and on PostgreSQL (TIMES=... for another number)
	@$(BIN)/python -m tests.support.crashes sqlite $(or $(TIMES),2000)
	@$(BIN)/python -m tests.support.crashes postgresql $(or $(TIMES),2000)

model: setup-test ## search every state of the models of the decision protocol, with seeded faults
	@$(BIN)/python scripts/check_model.py --jobs $(JOBS)

docs: setup-docs ## build the documentation into site/
	@$(BIN)/zensical build --strict --clean

docs-serve: setup-docs ## serve the documentation while you write
	$(BIN)/zensical serve

lock: ## pin requirements anew from pyproject.toml
	@$(PYTHON) -m scripts.lock

clean: ## remove everything that make made
	rm -rf .venv .setup build dist site results htmlcov .coverage .coverage.* coverage.json \
	  .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .cache
	find src tests scripts benchmarks -type d -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

setup-run setup-test setup-docs setup-mutants setup-fuzz: setup-%:
	@$(PYTHON) scripts/setup.py $*
