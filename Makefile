# Two commands: `make lab` opens lesson 01 in JupyterLab, `make test` tests what a change can break. Both create .venv first, once.
# CPU=1 installs PyTorch's CPU-only build (about 0.2 GB instead of 3 GB on Linux): make lab CPU=1

SHELL = /bin/sh
VENV = .venv
BIN = $(VENV)/bin
CPU =
LESSON = 01
# Three processes keep two cores busy: a browser, a kernel and a server wait now and then.
JOBS = 3
BOOK = build/book/index.html
TORCH_CPU = https://download.pytorch.org/whl/cpu
PIP = $(BIN)/python -m pip --disable-pip-version-check
SAY = @printf '\n==> %s\n'

.PHONY: help lab test test-oldest test-all test-rest check lint types types-js bundle bench book site clean

help:
	@echo 'make lab      set up .venv and open lesson 01 in JupyterLab (LESSON=03 for another, CPU=1 for the CPU-only PyTorch)'
	@echo 'make test     set up .venv and run the tests that guard a change, with a browser (JOBS=1: one process)'
	@echo 'make test-all make test, then the tests marked slow: long walks, every lesson at full length, every claim over all its seeds'
	@echo 'make test-oldest  make test with the oldest versions that pyproject.toml allows'
	@echo 'make check    what a change must pass: ruff, formatting, types, make test'
	@echo 'make bundle   make the programs in tltutor/views/dist anew, after a change of the front end (needs Node.js)'
	@echo 'make bench    measure speed on this machine and write bench.json'
	@echo 'make book     execute every lesson and write it as a page, in build/book'
	@echo 'make site     all of it as pages: lessons, methods, tables, reference; in build/site (BOOK= leaves out the executed lessons)'
	@echo 'make clean    remove .venv and all build results'

lab: $(VENV)/.lab
	$(SAY) 'Opening JupyterLab. Ctrl-C here stops it.'
	@$(BIN)/tltutor lab $(LESSON)

test: $(VENV)/.test
	$(SAY) 'Running the tests that guard a change, $(JOBS) files at a time'
	@TLTUTOR_SEEDS=few $(BIN)/python -m pytest --numprocesses $(JOBS) -m 'not slow'

test-all:
	@failed=0; $(MAKE) test || failed=1; $(MAKE) test-rest || failed=1; exit $$failed

# What test-all adds to test.
test-rest: $(VENV)/.test
	$(SAY) 'Running the tests marked slow and the claims over every seed, $(JOBS) files at a time'
	@$(BIN)/python -m pytest --numprocesses $(JOBS) -m 'slow or claims'

# The same tests with every dependency in the oldest version that pyproject.toml allows.
test-oldest: .venv-oldest/.test
	$(SAY) 'Running the tests with the oldest versions'
	@TLTUTOR_SEEDS=few .venv-oldest/bin/python -m pytest --numprocesses $(JOBS) -m 'not slow'

.venv-oldest/.test: $(BIN)/python pyproject.toml
	$(SAY) 'Making an environment of the oldest versions'
	@$(BIN)/python -m venv .venv-oldest
	@$(BIN)/python tests/oldest.py > .venv-oldest/constraints.txt
	@.venv-oldest/bin/python -m pip --disable-pip-version-check install --quiet --constraint .venv-oldest/constraints.txt --editable '.[test]'
	@touch $@

check: lint types test

lint: $(VENV)/.test
	$(SAY) 'ruff'
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/.test
	$(SAY) 'mypy'
	@$(BIN)/mypy
	@if command -v npm >/dev/null 2>&1; then $(MAKE) types-js; else echo 'No npm: the types of the page are not checked.'; fi

types-js: node_modules/.made
	$(SAY) 'tsc'
	@npm run --silent check

bundle: node_modules/.made
	$(SAY) 'Making the programs of the page'
	@npm run --silent build

# esbuild and TypeScript, beside the package: no wheel holds them.
node_modules/.made: package.json
	$(SAY) 'Installing what makes and checks the programs of the page'
	@npm install --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error
	@touch $@

bench: $(VENV)/.lab
	@$(BIN)/tltutor bench --json bench.json

book: $(VENV)/.lab
	$(SAY) 'Executing the lessons'
	@$(BIN)/tltutor book build/book

# The lessons are executed once; `rm -rf build/book` has them executed again.
site: $(VENV)/.site $(BOOK)
	$(SAY) 'Making the site'
	@$(BIN)/python docs/make.py build/site $(if $(BOOK),--book build/book)

build/book/index.html: $(VENV)/.lab
	$(SAY) 'Executing the lessons'
	@$(BIN)/tltutor book build/book

$(VENV)/.site: $(VENV)/.torch pyproject.toml
	@$(PIP) install --quiet --editable '.[site]'
	@touch $@ $(VENV)/.lab

clean:
	rm -rf $(VENV) .venv-oldest node_modules build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The first Python on the path that starts and is new enough; PYTHON=... names another.
$(BIN)/python:
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    printf '\n==> Making %s with %s\n' '$(VENV)' "$$("$$python" --version)"; \
	    "$$python" -m venv $(VENV) && exit 0; \
	    rm -rf $(VENV); \
	    echo 'tltutor needs a Python that can create environments: on Debian and Ubuntu, apt install python3-venv' >&2; exit 1; \
	  fi; \
	done; \
	echo "tltutor needs Python 3.11 or newer, found $$(python3 --version 2>&1 || true): install one from python.org, or name it: make lab PYTHON=/path/to/python3.12" >&2; exit 1

# torch first and alone, because it is large and may come from another index than the rest.
$(VENV)/.torch: $(BIN)/python
	@cpu='$(CPU)'; \
	if [ -z "$$cpu" ] && [ "$$(uname -s)" = Linux ] && ! command -v nvidia-smi >/dev/null 2>&1; then \
	  echo 'No NVIDIA GPU found. The CPU-only build of PyTorch takes about 0.2 GB, the default one 3 GB; both work here.'; \
	  if [ -t 0 ]; then printf 'Install the CPU-only build? [Y/n] '; read -r answer; case "$$answer" in [nN]*) ;; *) cpu=1 ;; esac; \
	  else echo 'Installing the default build; CPU=1 installs the other.'; fi; \
	fi; \
	printf '\n==> Installing PyTorch (step 1 of 2, the long one)\n'; \
	if [ -n "$$cpu" ]; then $(PIP) install --index-url $(TORCH_CPU) torch torchvision; else $(PIP) install torch torchvision; fi
	@touch $@

$(VENV)/.lab: $(VENV)/.torch pyproject.toml
	$(SAY) 'Installing tltutor (step 2 of 2)'
	@$(PIP) install --quiet --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.torch pyproject.toml
	$(SAY) 'Installing tltutor and what its tests need (step 2 of 2)'
	@$(PIP) install --quiet --editable '.[test]'
	@touch $@ $(VENV)/.lab
