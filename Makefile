# Everything is set up on the way: the environment in .venv, and a broker to examine with.
# FILAPROVA_BROKER chooses the broker; ARGS are further arguments of pytest.

.DEFAULT_GOAL := help
# Tests begin hundreds of processes: none is to compile anew what another one has compiled.
export PYTHONDONTWRITEBYTECODE :=
# What is the project's, and not somebody's own programs in the checkout.
OURS := harness scenarios tests benchmarks
.PHONY: help scenarios test thorough lint bench burn-in mutants verdicts fuzz clean which-python environment broker

help: ## show the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 20

scenarios: ## examine: run the lesson's exercises on a real broker
	@setup/environment runs
	@setup/broker $(ARGS)
	@.venv/bin/pytest scenarios $(ARGS)

test: which-python lint broker ## examine the harness itself, and tell which lines no test went through
	@rm -f .coverage .coverage.*
	@.venv/bin/python -m coverage run -m pytest -n logical --maxprocesses 2 --dist loadfile $(ARGS)
	@.venv/bin/python -m coverage combine --quiet
	@.venv/bin/python -m coverage report

lint: environment ## check style and types
	@.venv/bin/ruff check $(OURS)
	@.venv/bin/ruff format --check $(OURS)
	@.venv/bin/mypy

thorough: broker ## carry out, too, what takes long and is rarely red; before an issue is resolved
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[mutants]'
	@.venv/bin/python -m tests.thorough $(ARGS)

bench: broker ## measure: brokers, wiretap, decoding, judging
	@for file in benchmarks/*.py; do echo "== $$file"; .venv/bin/python "$$file" || exit 1; done

burn-in: broker ## repeat the lesson N times with other seeds, brokers and pressures, and count
	@.venv/bin/python -m tests.burn_in --runs $(or $(N),4) $(ARGS)

mutants: environment ## break each line of the judging code and see whether a test notices
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[mutants]'
	@.venv/bin/python tests/mutants.py $(ARGS)

verdicts: environment ## keep what the checkers say about the stories of the tests, and show what has changed
	@.venv/bin/python -m tests.harness.judge.verdicts

fuzz: environment ## feed the readers of others' bytes with what a fuzzer makes up, for SECONDS (600)
	@.venv/bin/python -m tests.fuzz.fuzz --seconds $(or $(SECONDS),600) $(ARGS)

clean: ## remove the environment and all caches; reports stay
	@rm -rf .venv .fuzz .mutants .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info .coverage .coverage.*
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

which-python: environment
	@.venv/bin/python -c 'import sys; print("Python", sys.version.split()[0], sys.executable)'

environment:
	@setup/environment tests

broker: environment
	@setup/broker
