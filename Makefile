# Everything a newcomer types. Each target sets up what it needs in .venv; only python3.11+ and make have to be there.
PYTHON ?= python3
BIN := .venv/bin
# Of what `make demo` prints: en or zh. Not LANG, which is set nearly everywhere.
lang = en
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help demo test check floor promises nightly bench theirs lesson images proof docs clean

help: ## what can be made
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

demo: .venv/ready-plot ## run the teaching note and draw its figures; make demo lang=zh says it in Chinese
	$(BIN)/stepahead demo --lang $(lang) --out stepahead-demo

test: .venv/ready-test ## the tests, some minutes; pytest alone, on two cores two minutes, leaves out those of tests/long.py
	$(BIN)/python -m pytest -n 2 --whole

check: .venv/ready-dev ## lint, types, import layers, spelling, retired words
	$(BIN)/ruff check src tests benchmarks docs hatch_build.py
	$(BIN)/ruff format --check src tests benchmarks docs hatch_build.py
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/codespell src tests docs benchmarks hatch_build.py examples/README.md README.md CONTRIBUTING.md CHANGELOG.md
	$(BIN)/python -m tests.retired_words

floor: .venv-floor/ready ## the examples and the demo with the oldest releases allowed (Python 3.11 or 3.12)
	.venv-floor/bin/python -m pytest src --ignore=src/stepahead/models/neural.py --ignore=src/stepahead/models/recurrent_nets.py \
	  --ignore=src/stepahead/models/torch_cells.py
	.venv-floor/bin/stepahead demo --out .venv-floor/demo > .venv-floor/demo.txt

promises: .venv/ready-dev ## measure what is promised, and write docs/promises.md; half an hour
	$(BIN)/python -m tests.promises.report

nightly: .venv/ready-dev ## the slow tests too, and the promises with every combination and every mutant; hours
	$(BIN)/python -m pytest -n 2 --whole -p tests.promises.ledger -m 'not promise'
	$(BIN)/python -m tests.promises.report --night

bench: .venv/ready-bench ## the main jobs beside their limits, and beside the peers installed
	$(BIN)/python benchmarks/spine.py
	$(BIN)/python benchmarks/columns.py
	$(BIN)/python benchmarks/latent.py
	$(BIN)/python benchmarks/scale.py
	$(BIN)/python -m benchmarks.peers
	$(BIN)/python -m benchmarks.auto

theirs: .venv-theirs/ready ## backtests of statsforecast, Darts, skforecast, mlforecast and Prophet, read back and made again
	.venv-theirs/bin/python benchmarks/theirs.py

lesson: .venv/ready-test ## the notebooks of the lesson and of the note's cells, and the note line by line
	$(BIN)/python docs/make_lesson.py
	$(BIN)/python docs/make_note.py

images: .venv/ready-test ## the pictures of the README and the docs, from runs; some minutes
	$(BIN)/python docs/make_images.py

proof: .venv/ready-test ## do the tests, horizons, intervals and seasons keep their levels? some minutes
	$(BIN)/python benchmarks/trust.py
	$(BIN)/python benchmarks/seasons.py

docs: .venv/ready-docs ## the site, into docs/_build
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build

clean: ## remove the environment and what was made
	rm -rf .venv .venv-floor .venv-theirs stepahead-demo docs/_build docs/generated docs/jupyter_execute

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "stepahead needs Python 3.11 or newer; name one: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv .venv

.venv-floor/ready: pyproject.toml constraints-floor.txt
	$(PYTHON) -m venv --clear .venv-floor
	.venv-floor/bin/pip install --quiet --disable-pip-version-check --constraint constraints-floor.txt \
	  --editable '.[plot,parquet]' pandas scikit-learn pytest hypothesis
	@touch $@

.venv-theirs/ready: pyproject.toml constraints-theirs.txt
	$(PYTHON) -m venv --clear .venv-theirs
	.venv-theirs/bin/pip install --quiet --disable-pip-version-check --constraint constraints-theirs.txt \
	  --editable . pandas scikit-learn statsforecast u8darts skforecast mlforecast prophet utilsforecast
	@touch $@

.venv/ready-%: pyproject.toml constraints.txt | .venv/bin/pip
	$(PIP) --editable '.[$*]'
	@touch $@
