# Each target is a few lines; the work is in Rust or in notebooks/tools.
.DEFAULT_GOAL := help
.PHONY: help setup lab lecture test check figures bench clean

python := .venv/bin/python
tools := notebooks/tools
kernel-build := CARGO_BUILD_BUILD_DIR="$${XDG_CACHE_HOME:-$$HOME/.cache}/potok/build" \
	CARGO_TARGET_DIR=build/kernel

# Jupyter's settings stay in this checkout: the user's own are neither read nor written.
export JUPYTER_CONFIG_DIR := $(CURDIR)/build/jupyter/config
export JUPYTER_DATA_DIR := $(CURDIR)/build/jupyter/data
export JUPYTER_RUNTIME_DIR := $(CURDIR)/build/jupyter/runtime
export IPYTHONDIR := $(CURDIR)/build/jupyter/ipython
unexport JUPYTER_PATH JUPYTER_CONFIG_PATH

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s%s\n", $$1, $$2 }' Makefile

setup: ## install what the others need: kernel, JupyterLab, test tools
	@sh $(tools)/setup.sh

lab: setup ## open the notebooks in JupyterLab (LAB="--no-browser" and the like)
	@$(python) $(tools)/lab.py $(LAB)

lecture: setup ## run the notebooks into build/lecture, with HTML (STORE=1: keep outputs)
	@$(python) $(tools)/lecture.py $(if $(STORE),--store) $(NOTEBOOKS)

test: setup ## run all tests: library, kernel, notebooks
	cargo test
	$(kernel-build) cargo test --quiet -p potok-kernel --profile kernel
	$(python) -m pytest notebooks/tests

check: setup ## format, clippy, docs, lint of the notebooks
	cargo fmt --all --check
	cargo clippy --all-targets -- -D warnings
	$(kernel-build) cargo clippy -p potok-kernel --profile kernel -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps
	$(python) -m pytest -q notebooks/tests/test_lint.py

figures: setup ## draw the README's pictures again, from a run of the notebooks
	@$(python) $(tools)/lecture.py --figures assets/figures $(NOTEBOOKS)

bench: setup ## run a benchmark: WHAT=kernel or WHAT=<bench of crate/potok>
	@case "$(WHAT)" in \
	kernel) $(python) $(tools)/bench_kernel.py $(BENCH) ;; \
	"") echo "WHAT=kernel"; ls crate/potok/benches | sed 's/^/WHAT=/; s/\.rs$$//' ;; \
	*) cargo bench -p potok --bench $(WHAT) -- $(BENCH) ;; \
	esac

clean: ## remove what was built here; the kernel stays in the user's cache directory
	rm -rf build .venv .venv.old target
