#!/bin/sh
# nbgrader, in a virtual environment of its own: build/nbgrader; and bubblewrap, the box in
# which submissions run. Only who grades needs them. A second run finds them in place.
# Run by `make setup-homework`, at the top of the checkout.
set -eu

venv=build/nbgrader
lock=notebooks/homework/tools/requirements.lock

# missing WHAT COMMAND...: says what is missing and the command that helps, and stops.
missing() {
    printf 'setup-homework: %s\n' "$1" >&2
    shift
    printf '    %s\n' "$@" >&2
    exit 1
}

if ! command -v bwrap >/dev/null; then
    root=
    [ "$(id -u)" = 0 ] || root="sudo -n"
    if command -v apt-get >/dev/null && $root true 2>/dev/null; then
        echo "setup-homework: installing Debian's bubblewrap, as root" >&2
        $root apt-get install --yes --no-install-recommends bubblewrap >/dev/null ||
            { $root apt-get update -qq &&
                $root apt-get install --yes --no-install-recommends bubblewrap >/dev/null; } ||
            echo "setup-homework: bubblewrap could not be installed" >&2
    else
        echo "setup-homework: bubblewrap is missing, the box in which submissions run:" >&2
        echo "    sudo apt-get install bubblewrap     # Debian, Ubuntu" >&2
        echo "    sudo dnf install bubblewrap         # Fedora" >&2
    fi
fi

if cmp -s "$lock" $venv/requirements.installed; then
    exit 0
fi

python=
for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}
do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
        2>/dev/null
    then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || missing "nbgrader needs Python 3.11 or newer, with venv. Install it:" \
    "sudo apt-get install python3 python3-venv" \
    "PYTHON=/path/to/python3 make setup-homework     # if it is somewhere else"

echo "setup-homework: installing nbgrader into $venv (330 MB)" >&2
rm -rf $venv
if "$python" -m venv $venv && $venv/bin/python -m pip install --quiet \
    --disable-pip-version-check --require-hashes -r "$lock"
then
    cp "$lock" $venv/requirements.installed
else
    rm -rf $venv
    missing "nbgrader could not be installed (see above). Once, a network is needed; behind a
    proxy or a mirror, set it for pip. Then:" "make setup-homework"
fi
