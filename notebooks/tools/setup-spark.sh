#!/bin/sh
# Apache Spark for the cluster part of notebook 09, in a virtual environment of its own:
# build/spark. Nobody else needs it. A second run finds it in place.
# Run by `make setup-spark`, at the top of the checkout.
set -eu

spark=build/spark
lock=notebooks/tools/spark-requirements.lock

# missing WHAT COMMAND...: says what is missing and the command that helps, and stops.
missing() {
    printf 'setup-spark: %s\n' "$1" >&2
    shift
    printf '    %s\n' "$@" >&2
    exit 1
}

# ---- checks: nothing is written yet -------------------------------------------------
java=java
[ -z "${JAVA_HOME:-}" ] || java=$JAVA_HOME/bin/java
version=$("$java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1) || true
if [ "${version:-0}" -lt 17 ]; then
    if [ -n "${CI:-}" ] && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        apt-get install -y --no-install-recommends openjdk-17-jre-headless
    else
        missing "Spark needs Java 17 or newer${version:+; this is Java $version}. Install it:" \
            "sudo apt-get install -y openjdk-17-jre-headless     # Debian, Ubuntu" \
            "sudo dnf install java-17-openjdk-headless           # Fedora" \
            "JAVA_HOME=/path/to/jdk make setup-spark             # if it is somewhere else"
    fi
fi

python=
for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python3.10}
do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' \
        2>/dev/null
    then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || missing "Python 3.10 or newer, with venv, is missing. Install it:" \
    "sudo apt-get install python3 python3-venv     # Debian, Ubuntu" \
    "PYTHON=/path/to/python3 make setup-spark      # if it is somewhere else"

if cmp -s "$lock" $spark/requirements.installed; then
    exit 0
fi

# ---- the download ---------------------------------------------------------------------
cat >&2 <<END
setup-spark: downloading Apache Spark (Python package pyspark): about 460 MB, and about
    540 MB on disk, in $spark. Ctrl-C stops it; \`rm -rf $spark\` removes it.
END
rm -rf $spark
# pyspark is a source package: what builds it comes first, pinned like the rest.
if "$python" -m venv $spark && sed '/^pyspark/,$d' "$lock" >$spark/first.lock &&
    $spark/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
        -r $spark/first.lock &&
    $spark/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
        --no-build-isolation --no-cache-dir -r "$lock"
then
    cp "$lock" $spark/requirements.installed
else
    rm -rf $spark
    missing "Spark could not be installed (see above). Once, a network is needed; behind a
    proxy or a mirror, set it for pip. Then:" "make setup-spark"
fi
