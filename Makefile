# Two commands do everything: `make book` (the executed site) and `make test` (the proof).
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
PORT   ?= 8000
FROM   ?= rebrand.toml
# Where Python may not keep compiled modules, importing TensorFlow takes 18 s instead of 4.
export PYTHONDONTWRITEBYTECODE :=

# Cell ids stay: they tie comments and diffs to cells.
STRIP = xargs -0 $(BIN)/nbstripout --keep-id --extra-keys metadata.language_info.version

.DEFAULT_GOAL := help
.PHONY: help env book test unit notebooks offline site data check-published floors unit-floors \
	test-floors test-latest test-colab test-lab test-hub test-repeat test-student student \
	solutions slides test-slides assignments test-graders rebrand test-rebrand lint format lab \
	serve linkcheck audit bench lock check-lock clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env:  ## the virtual environment, from the lock (every target below makes it)
	@$(PYTHON) tools/setup_env.py $(VENV)

book: env  ## the site, executed, with its PDFs and an archive, in _build/html
	@$(BIN)/python tools/build_book.py

test: unit notebooks site  ## unit tests, every notebook, the book from their outputs, the site's tests

unit: env  ## the tests that need neither notebooks nor browser
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder tests/unit tests/notebooks

notebooks: env  ## run the notebooks that are new or changed
	@$(BIN)/python tools/run_notebooks.py

offline: env  ## the pages that load data, on the stand-ins, with no network
	@$(BIN)/python tools/run_notebooks.py --offline

site: book  ## open every page in a browser
	$(BIN)/python -m pytest -n 4 --dist worksteal tests/site

data: env  ## the real data sets, downloaded into data/datasets (needs a network)
	KERAS_HOME=$(CURDIR)/data $(BIN)/python -c \
		"import nnutils as n; print(d := [n.load_mnist(), n.load_imdb()]); \
		raise SystemExit(any(x.source != 'real' for x in d))"

check-published: env  ## did every page run on the real data? (what is published must)
	@$(BIN)/python tools/run_notebooks.py --check-real

# Jupyter Book looks through all folders but hidden ones, so no environment lies in _build.
floors: env
	$(BIN)/uv venv --quiet --clear --python 3.11 $(VENV)-floors
	$(BIN)/uv --system-certs pip install --quiet --python $(VENV)-floors --resolution lowest-direct \
		-e '.[pages,serving]' 'pytest>=8' 'ipython>=8' 'ipykernel>=6.29' 'nbval>=0.11' 'pyyaml>=6'

unit-floors: floors  ## the tests of nnutils with the oldest releases it supports
	# Old releases warn about each other; only what nnutils itself calls must not warn. Keras of
	# that time reports the loss of a short last batch in another way: no comparison with it.
	$(VENV)-floors/bin/python -m pytest -o filterwarnings='error:::nnutils' -k 'not keras_alone and not equal_keras' \
		tests/unit/checks tests/unit/test_checking.py tests/unit/test_datasets.py \
		tests/unit/test_plotting.py tests/unit/test_toys.py tests/unit/test_training.py

test-floors: floors  ## every notebook with the oldest releases of what the pages use
	$(VENV)-floors/bin/python tools/run_notebooks.py --force --discard

test-latest: env  ## every notebook with the newest releases of what the pages use
	$(BIN)/uv venv --quiet --clear $(VENV)-latest
	sed -n '/^# what the pages use/,/^$$/s/==.*//p' requirements.txt > $(VENV)-latest/packages.txt
	$(BIN)/uv --system-certs pip install --quiet --python $(VENV)-latest -r $(VENV)-latest/packages.txt -e . \
		nbval ipykernel pytest jupyter-cache pyyaml
	$(VENV)-latest/bin/python tools/run_notebooks.py --force --discard

test-colab: env  ## every notebook alone, on the packages of two of Colab's runtimes (needs a network)
	$(BIN)/python tools/check_colab.py

test-lab: env  ## every notebook by Run All in JupyterLab, in a browser
	$(BIN)/python -m pytest tests/lab

test-repeat: env  ## every notebook twice: the same numbers?
	$(BIN)/python tools/check_repeat.py

student: env  ## copies for students, without the solutions: a branch to be and a zip
	@$(BIN)/python tools/make_copies.py student

solutions: env  ## the same with the solutions, for yourself
	@$(BIN)/python tools/make_copies.py solutions

test-student: env  ## solve every student copy with the course's own solutions
	$(BIN)/python -m pytest tests/student

slides: env  ## a deck for a projector for every page, in _build/slides
	@$(BIN)/python tools/make_slides.py

test-slides: slides  ## page through every deck in a browser
	$(BIN)/python -m pytest tests/slides

assignments: env  ## the exercises for nbgrader and Otter-Grader, solutions inside
	@$(BIN)/python tools/make_assignments.py

test-graders: env  ## both graders, on right, wrong and odd submissions (the first time: a network)
	$(BIN)/python -m pytest tests/graders

rebrand: env  ## the course under your own name: make rebrand FROM=rebrand.toml
	@$(BIN)/python tools/rebrand.py $(FROM)

test-rebrand: env  ## a fork: stamped, built, opened, merged
	$(BIN)/python -m pytest tests/rebrand

test-hub: env  ## a class of five on a real JupyterHub (Linux; the first time: a network)
	$(BIN)/python -m pytest tests/hub

lint: env  ## style, spelling, no outputs in notebooks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	git ls-files -z '*.ipynb' | $(STRIP) --verify
	git ls-files -z | xargs -0 $(BIN)/python tools/check_sizes.py

format: env  ## put code and notebooks into the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	git ls-files -z '*.ipynb' | $(STRIP)

lab: env  ## JupyterLab in this folder
	$(BIN)/jupyter lab

serve: book  ## the site on http://localhost:8000
	$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

linkcheck: env  ## are the links to other sites alive? (needs a network)
	$(BIN)/python tools/run_notebooks.py
	$(BIN)/jupyter-book build . --builder linkcheck

audit: env  ## Lighthouse: is the site fast and fit for all? (the first time: a network)
	@$(BIN)/python tools/audit.py

bench: book  ## how fast and how lean, against the plain way: _build/bench/report.md
	@$(BIN)/python benchmarks/report.py
	@echo "== benchmarks/bench_frames.py"; $(BIN)/python benchmarks/bench_frames.py
	@echo "== benchmarks/bench_interactive.mjs"; \
	node="$$($(BIN)/python -c "import playwright; print(playwright.__path__[0])")/driver/node"; \
	"$$node" benchmarks/bench_interactive.mjs

lock: env  ## requirements.lock anew from requirements.txt
	$(BIN)/uv --system-certs pip compile --universal --python-version 3.11 --generate-hashes --no-annotate \
		--custom-compile-command "make lock" requirements.txt -o requirements.lock --quiet

check-lock: env  ## is there a wheel of every package for every system and Python?
	@$(BIN)/python tools/check_lock.py

clean:  ## remove _build, with all that was built and run
	rm -rf _build
