#!/bin/sh
# All the set-up that `make lab`, `make lecture` and `make test` need. Checks first, so that
# nothing is half installed; a second run finds everything in place and takes a second.
# Run by `make`, at the top of the checkout.
set -eu

need_rust=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
# Without HOME: what the system says. It is the directory that cargo would choose.
: "${HOME:=$(getent passwd "$(id -u)" | cut -d: -f6)}"
export HOME
cache=${XDG_CACHE_HOME:-$HOME/.cache}/potok
lock=notebooks/tools/requirements.lock

# missing WHAT COMMAND...: says what is missing and the command that helps, and stops.
missing() {
    printf 'setup: %s\n' "$1" >&2
    shift
    printf '    %s\n' "$@" >&2
    exit 1
}

# step N WHAT: where in the set-up it is. Said only for what takes a while.
step() { echo "setup, step $1 of 4: $2" >&2; }

# ---- checks: nothing is written yet -------------------------------------------------
if ! command -v rustc >/dev/null || ! command -v cargo >/dev/null; then
    if [ -x "$HOME/.cargo/bin/rustc" ]; then
        missing "Rust is installed, but not on the PATH of this terminal. Run:" \
            '. "$HOME/.cargo/env"'
    fi
    missing "Rust is missing. Install it, then open a new terminal:" \
        "rustup (its site, rustup.rs, has the one command for your system)"
fi
have_rust=$(rustc --version 2>/dev/null | cut -d' ' -f2) || true
[ -n "$have_rust" ] || missing "rustc does not run. Choose a toolchain:" \
    "rustup default stable"
older=$(printf '%s\n' "$need_rust" "${have_rust%%-*}" | sort -t. -k1,1n -k2,2n | head -n 1)
[ "$older" = "$need_rust" ] || missing \
    "Rust $have_rust is too old; $need_rust or newer is needed. Run:" "rustup update stable"

# The packages of Debian and Fedora leave it out: their own compilers need none.
shared=
for found in "$(rustc --print target-libdir)"/libstd-*.so \
    "$(rustc --print target-libdir)"/libstd-*.dylib
do
    if [ -e "$found" ]; then shared=$found; fi
done
[ -n "$shared" ] || missing \
    "This rustc ($(command -v rustc)) comes without the shared standard library, libstd-*.so,
    with which each cell is linked. rustup's toolchain has it:" \
    "sudo apt-get install rustup && rustup default stable     # Debian, Ubuntu" \
    "rustup default stable, and then open a new terminal      # if rustup is there"

command -v cc >/dev/null || missing "A C compiler is missing. Install one:" \
    "sudo apt-get install build-essential     # Debian, Ubuntu" \
    "sudo dnf install gcc                     # Fedora" \
    "xcode-select --install                   # macOS"

python=
for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python3.10}
do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || missing "Python 3.10 or newer is missing. Install it:" \
    "sudo apt-get install python3 python3-venv     # Debian, Ubuntu" \
    "PYTHON=/path/to/python3 make setup            # if it is somewhere else"
"$python" -c 'import venv, ensurepip' 2>/dev/null || missing \
    "Python's venv module is missing (Debian and Ubuntu pack it apart). Run:" \
    "sudo apt-get install python3-venv"

if [ ! -d "$(rustc --print sysroot)/lib/rustlib/src/rust/library/core" ]; then
    echo "setup: the sources of Rust's standard library are missing; adding them" >&2
    rustup component add rust-src || missing \
        "rust-src could not be added. With a network, run:" "rustup component add rust-src"
fi

mkdir -p build/jupyter 2>/dev/null && [ -w build ] && [ -w . ] || missing \
    "This checkout cannot be written to, and make builds in it. Copy it, and start there:" \
    "cp -r '$PWD' ~/potok; cd ~/potok; make setup"
(umask 077 && mkdir -p "$cache") 2>/dev/null && [ -w "$cache" ] || missing \
    "$cache is not writable. Choose another place for the compiled kernel:" \
    "XDG_CACHE_HOME=/some/dir make setup"
# What is compiled there is run: it must be nobody else's.
[ ! -L "$cache" ] && [ -O "$cache" ] || missing \
    "$cache is a link or belongs to another user. Remove it, or choose another place:" \
    "XDG_CACHE_HOME=/some/dir make setup"
# cargo makes lists of directories that a colon ends, the loader also at a semicolon; lld
# fills each % with digits.
case $cache in
*[:\;%]*) missing "$cache has a colon, a semicolon or a % in it. Choose another place:" \
    "XDG_CACHE_HOME=/some/dir make setup" ;;
esac

# ---- downloads: all of them before anything is built ----------------------------------
host=$(rustc -vV | sed -n 's/^host: //p')
[ -d .venv ] || step 1 "the Rust crates that are not on this machine yet"
cargo fetch --quiet --target "$host" || missing \
    "The Rust crates could not be downloaded (see above). Once, a network is needed:" \
    "cargo fetch"

if ! cmp -s "$lock" .venv/requirements.installed; then
    step 2 "JupyterLab and the test tools, into .venv; a few minutes, 475 MB"
    rm -rf .venv.old
    if [ -e .venv ]; then mv .venv .venv.old; fi
    if "$python" -m venv .venv && .venv/bin/python -m pip install --quiet \
        --disable-pip-version-check --require-hashes -r "$lock"
    then
        cp "$lock" .venv/requirements.installed
        rm -rf .venv.old
    else
        rm -rf .venv
        if [ -e .venv.old ]; then mv .venv.old .venv; fi
        missing "The Python packages could not be installed (see above). Once, a network is
    needed; behind a proxy or a mirror, set it for pip. Then:" "make setup"
    fi
fi

# ---- the kernel -----------------------------------------------------------------------
# install KERNEL: it says itself that it compiles the library, or waits for who does.
install() {
    [ -e .venv/share/jupyter/kernels/rust ] ||
        step 4 "the lecture's library, compiled once for all notebooks; a few minutes"
    "$1" install .venv crate/potok
}
sources=$(sh notebooks/tools/kernel-sources.sh)
wheel=${KERNEL:-}
if [ -z "$wheel" ]; then
    for found in dist/potok_kernel-*.whl; do if [ -f "$found" ]; then wheel=$found; fi; done
fi
if [ -n "$wheel" ]; then
    if why=$(.venv/bin/python notebooks/tools/kernel_wheel.py "$wheel" "$sources" 2>&1); then
        # pip has noted what it installed; a second run finds that in place.
        if ! [ "$(cat .venv/share/potok-kernel/sources 2>/dev/null)" = "$sources" ]; then
            step 3 "the Rust kernel, from $wheel; seconds"
            .venv/bin/python -m pip install --quiet --disable-pip-version-check \
                --no-index --no-deps --force-reinstall "$wheel" || missing \
                "The kernel could not be installed from $wheel (see above). To build it:" \
                "rm '$wheel'; make setup"
        fi
        install .venv/bin/potok-kernel
        exit
    fi
    echo "setup: not using $wheel: $why; building the kernel from its sources" >&2
fi
rm -f .venv/share/potok-kernel/sources
if ! ls "$cache"/build/kernel/deps/libevcxr_jupyter-*.rlib >/dev/null 2>&1; then
    crates=$(cargo tree --locked --prefix none -e normal,build -p potok-kernel |
        sort -u | grep -c .) || true
    step 3 "the Rust kernel, $crates crates: once per machine, 15 to 30 minutes
    on two cores; the last crates take longest"
    whole=yes
else
    [ -x build/kernel/kernel/potok-kernel ] ||
        step 3 "the Rust kernel, from crates that are built already; a few minutes"
    whole=
fi
# What is compiled on the way is shared by all checkouts; the program is this one's own.
# Without CI, which rust-analyzer is compiled anew for: see the Makefile.
build() {
    env -u CI POTOK_SOURCES=$sources CARGO_BUILD_BUILD_DIR=$cache/build \
        CARGO_TARGET_DIR=build/kernel cargo build -p potok-kernel --profile kernel
}
# A terminal shows cargo's own bar. Elsewhere each crate is a line, with its number; where
# all but ours are built already, only faults and what cargo waits for. Not by awk: Debian's
# reads a pipe's end before it says a word.
told() {
    n=0
    waits=
    while IFS= read -r line; do
        case $line in
        "   Compiling "*)
            n=$((n + 1))
            [ -z "$waits" ] || echo "    waited, building"
            waits=
            case $whole$line in
            yes*) printf '    %d of %d:%s\n' $n "$crates" "${line#* Compiling}" ;;
            *" Compiling potok-"*) ;;
            *) printf '    compiled anew:%s\n' "${line#* Compiling}" ;;
            esac ;;
        "    Blocking "*)
            [ -n "$waits" ] || echo "    waiting: another checkout builds the kernel"
            waits=yes ;;
        "    Finished "* | "       Fresh "* | "       Dirty "* | "     Locking "*) ;;
        *) printf '%s\n' "$line" ;;
        esac
    done >&2
}
failed=build/kernel.failed
rm -f "$failed"
if [ -n "$whole" ] && [ -t 2 ]; then
    build || touch "$failed"
else
    { build 2>&1 || touch "$failed"; } | told
fi
if [ -e "$failed" ]; then
    rm -f "$failed"
    missing "The kernel could not be built (see above). To go on where it stopped:" "make setup"
fi
install build/kernel/kernel/potok-kernel
