# Each target is a few lines; the work is in Rust or in notebooks/tools.
.DEFAULT_GOAL := help
.PHONY: help setup setup-spark setup-browser setup-web setup-homework lab lecture slides site \
	test test-image test-spark check translate figures bench peers torture homework homework-test \
	homework-image grade feedback check-homework doctor dist clean

python := .venv/bin/python
web := build/web/venv/bin/python
tools := notebooks/tools
homework := notebooks/homework/tools
nbgrader := build/nbgrader/bin/python
assignments := $(notdir $(patsubst %/,%,$(sort $(wildcard notebooks/homework/hw*/))))
# The sources' hash: without it a checkout might be given another one's program, since all
# of them build in one directory. Without CI: rust-analyzer looks for it when it is compiled,
# so that all of it would be compiled anew where this variable comes or goes.
kernel-build := env -u CI POTOK_SOURCES="$$(sh $(tools)/kernel-sources.sh)" \
	CARGO_BUILD_BUILD_DIR="$${XDG_CACHE_HOME:-$$HOME/.cache}/potok/build" \
	CARGO_TARGET_DIR=build/kernel

# Without it: what the system says.
export HOME ?= $(shell getent passwd "$$(id -u)" | cut -d: -f6)

# Jupyter's settings stay in this checkout: the user's own are neither read nor written.
export JUPYTER_CONFIG_DIR := $(CURDIR)/build/jupyter/config
export JUPYTER_DATA_DIR := $(CURDIR)/build/jupyter/data
export JUPYTER_RUNTIME_DIR := $(CURDIR)/build/jupyter/runtime
export IPYTHONDIR := $(CURDIR)/build/jupyter/ipython
unexport JUPYTER_PATH JUPYTER_CONFIG_PATH

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

setup: ## install what the others need: kernel, JupyterLab, test tools
	@sh $(tools)/setup.sh

setup-spark: ## install Apache Spark (540 MB), for the cluster of notebook 09
	@sh $(tools)/setup-spark.sh

lab: setup ## open the notebooks in JupyterLab (LAB="--no-browser" and the like)
	@$(python) $(tools)/lab.py $(LAB)

lecture: setup ## run the notebooks into build/lecture, with HTML (STORE=1: keep outputs; IN=ru)
	@$(python) $(tools)/lecture.py $(if $(STORE),--store) $(if $(filter ru,$(IN)),--ru) $(NOTEBOOKS)

slides: $(if $(STATIC),setup-web,setup) ## show the lecture as slides that run (STATIC=1: write them)
	@$(if $(STATIC),$(web) $(tools)/slides.py,$(python) $(tools)/lab.py --slides) $(NOTEBOOK) $(LAB)

site: setup-web ## write the lecture as a site into build/site, in both languages
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --quiet
	@$(web) $(tools)/pages.py

test: setup setup-web ## run all tests: library, kernel, notebooks
	cargo test
	@if [ -f .venv/share/potok-kernel/sources ]; then \
		echo "the kernel comes from a wheel: its unit tests ran where that was made"; \
	else $(kernel-build) cargo test --quiet -p potok-kernel --profile kernel; fi
	$(python) -m pytest notebooks/tests

test-spark: setup-spark ## run jobs on a real Spark cluster on this machine
	cargo test --test it map_reduce_spark -- --ignored --test-threads 1

check: setup ## format, clippy, docs, lint of the notebooks
	cargo fmt --all --check
	cargo clippy --all-targets -- -D warnings
	$(kernel-build) cargo clippy -p potok-kernel --profile kernel --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps
	$(python) -m pytest -q notebooks/tests/test_lint.py notebooks/tests/test_translation.py

translate: setup ## list what is to be translated into Russian, in order: NOTEBOOK=05
	@$(python) $(tools)/translate.py list $(NOTEBOOK)

figures: setup ## draw the README's pictures again, from a run of the notebooks
	@$(python) $(tools)/lecture.py --figures assets/figures $(NOTEBOOKS)

bench: setup ## run a benchmark: WHAT=kernel or WHAT=<bench of crate/potok>
	@case "$(WHAT)" in \
	kernel) $(python) $(tools)/bench_kernel.py $(BENCH) ;; \
	relay) $(python) $(tools)/bench_relay.py $(BENCH) ;; \
	first) $(python) $(tools)/first_picture.py ;; \
	"") printf 'WHAT=kernel\nWHAT=relay\nWHAT=first (picture)\n'; ls crate/potok/benches | sed 's/^/WHAT=/; s/\.rs$$//' ;; \
	*) cargo bench -p potok --bench $(WHAT) -- $(BENCH) ;; \
	esac

peers: ## install polars and duckdb, which WHAT=mapreduce is compared with
	python3 -m venv build/peers
	build/peers/bin/python -m pip install --quiet --disable-pip-version-check \
		-r crate/potok/benches/mapreduce/peers.txt

torture: setup ## abuse a kernel in 200 ways, print what it costs (TORTURE="--seed 7")
	@$(python) $(tools)/torture.py $(TORTURE)

setup-web: ## install what writes slides and the site: Sphinx, reveal.js, MathJax
	@sh $(tools)/setup-web.sh

setup-browser: ## install Chromium from Debian, for the tests that look at the notebooks
	@echo "setup: installing Debian's chromium and a font, as root" >&2
	$(if $(filter 0,$(shell id -u)),,sudo) apt-get install --yes --no-install-recommends \
		chromium fonts-dejavu-core

setup-homework: setup ## install nbgrader, apart, and the box in which submissions run
	@sh $(homework)/setup.sh

homework: setup-homework ## release the homework: students' zip, staff's folder, nbgrader's course
	@$(nbgrader) $(homework)/course.py $(HW)

grade: setup-homework ## grade what was handed in: SUBMISSIONS=dir JOBS=2 (AGAIN=1: all anew)
	@$(nbgrader) $(homework)/grade.py $(if $(AGAIN),--again) --jobs $(or $(JOBS),1) \
		"$(or $(SUBMISSIONS),$(error make grade SUBMISSIONS=dir))"

homework-image: homework ## build the students' zip into an image, by podman or docker
	@sh $(homework)/image.sh

feedback: setup-homework ## make a page for each graded submission, without hidden tests
	@$(nbgrader) $(homework)/feedback.py

homework-test: setup-homework ## grade submissions of each kind, hostile ones too; 15 minutes
	HOMEWORK_TEST=all $(python) -m pytest -v $(wildcard notebooks/tests/test_homework*.py)

# A name that is not there costs no set-up. 3: not all is earned, which is no fault of make's.
check-homework: $(if $(filter $(assignments) %.ipynb,$(HW)),setup) ## check your homework as it will be graded: HW=hw1
	@$(if $(filter $(assignments) %.ipynb,$(HW)),$(python) $(homework)/check.py "$(HW)" || \
		[ $$? = 3 ],echo "check-homework: $(if $(HW),there is no homework '$(HW)'; )say which \
	one: HW=$(or $(subst $() ,|,$(assignments)),hw1)")

test-image: ## do the steps of .devcontainer in a Debian made for it; as root, after make dist
	@python3 $(tools)/image.py

dist: setup ## pack the kernel into a wheel, and the lecture with it into a zip
	$(kernel-build) cargo test --quiet -p potok-kernel --profile kernel
	@[ -x build/maturin/bin/maturin ] || { python3 -m venv build/maturin && \
		build/maturin/bin/python -m pip install --quiet --disable-pip-version-check \
		maturin==1.9.6; }
	@$(kernel-build) $(python) $(tools)/dist.py build/maturin/bin/maturin

doctor: ## find what is missing or slow, and what mends it (FIX=1: remove stale files)
	@[ -x .venv/bin/potok-kernel ] || sh $(tools)/setup.sh
	@.venv/bin/potok-kernel doctor $(if $(FIX),--fix)

clean: ## remove what was built here, dist/ apart; the kernel stays in the user's cache directory
	rm -rf build .venv .venv.old target
