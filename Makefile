# make            set up, run everything, say where the report is
# make test       set up, run the tests
# make quick      set up, run those that take seconds
# make lint       set up, run the linters
# make formulas   set up, judge random formulas of known truth
# make faults     set up, inject faults into small runs and count what becomes of them; ONLY and SHARE say which, and how many
# make sbom       set up, write what packages a run uses: sbom.json (CycloneDX), and their licences to docs/licences.md
# make bench      set up, time all of it beside a textbook script; ONLY and REPEATS say what, and how often
# Variables: CORES (how many jobs at once), SET (folder of another problem set), MIRROR (a folder or URL tried before the
# public mirrors), PYTHON

CORES ?= all
MIRROR ?=
SET ?=
PYTHON ?= python3
BIN := .venv/bin
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))

.PHONY: report test quick lint formulas faults sbom bench clean
.DEFAULT_GOAL := report

report: .venv/ready
	$(BIN)/snakemake --cores $(CORES) $(if $(MIRROR)$(SET),--config) $(if $(MIRROR),mirror="$(MIRROR)") \
	  $(if $(SET),problem_set="$(SET)")

test: .venv/ready
	$(BIN)/python -m pytest

quick: .venv/ready
	$(BIN)/python -m pytest -m "not slow"

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint

formulas: .venv/ready
	$(BIN)/python -m scripts.verdicts.random_formulas

faults: .venv/ready
	$(BIN)/python -m tests.faults.run $(if $(ONLY),--only $(ONLY)) $(if $(SHARE),--share $(SHARE),--write)

sbom: .venv/ready
	$(BIN)/python -m tests.supply.bill --output sbom.json --page docs/licences.md

bench: .venv/ready
	$(BIN)/python -m tests.benchmarks.run $(if $(REPEATS),--repeats $(REPEATS)) $(if $(ONLY),--only $(ONLY)) \
	  $(if $(MIRROR),--mirror "$(MIRROR)")

# uv is used where it is there, since it is faster and brings a Python of its own if need be.
.venv/ready: requirements.lock
	@if command -v uv > /dev/null; then \
	  uv venv --quiet --clear --python '>=3.11,<3.14' .venv && \
	  uv pip install --quiet --compile-bytecode --python .venv --require-hashes -r requirements.lock; \
	elif ! $(PYTHON) -c '$(SUPPORTED)' 2> /dev/null; then \
	  echo "Python 3.11, 3.12 or 3.13 is needed: install one and name it, as in 'make PYTHON=python3.13', or install uv." >&2; \
	  exit 1; \
	else \
	  $(PYTHON) -m venv --clear .venv && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock; \
	fi
	@touch $@

clean:
	rm -rf results logs benchmarks
