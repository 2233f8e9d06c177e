#!/bin/sh
# What the written slides and the site are made with, in build/web: packages of npm and of
# PyPI, no kernel. A second run finds them in place. Run by `make`, at the top of the checkout.
set -eu

tools=notebooks/tools
web=build/web

# missing WHAT COMMAND: says what is missing and the command that helps, and stops.
missing() {
    printf 'setup-web: %s\n    %s\n' "$1" "$2" >&2
    exit 1
}

if ! cmp -s $tools/package-lock.json $web/node/installed; then
    command -v npm >/dev/null || missing \
        "npm is missing; reveal.js and MathJax come with it. Install it:" \
        "sudo apt-get install npm     # Debian, Ubuntu"
    echo "setup-web: installing reveal.js, MathJax and axe-core into $web/node" >&2
    mkdir -p $web/node
    cp $tools/package.json $tools/package-lock.json $web/node
    npm ci --prefix $web/node --ignore-scripts --no-audit --no-fund --loglevel error >&2 ||
        missing "npm could not install them (see above). Once, a network is needed. Then:" \
            "make site"
    cp $tools/package-lock.json $web/node/installed
fi

if ! cmp -s $tools/site.lock $web/venv/installed || ! [ -x $web/venv/bin/python ]; then
    echo "setup-web: installing Sphinx and nbconvert into $web/venv" >&2
    rm -rf $web/venv
    "${PYTHON:-python3}" -m venv $web/venv && $web/venv/bin/python -m pip install --quiet \
        --disable-pip-version-check --require-hashes -r $tools/site.lock || missing \
        "They could not be installed (see above). Once, a network is needed. Then:" \
        "make site"
    cp $tools/site.lock $web/venv/installed
fi
