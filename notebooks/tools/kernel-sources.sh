#!/bin/sh
# A hash of what the kernel is compiled from, by which a program is known to be this
# checkout's. Run at the top of the checkout.
set -eu
sum() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi; }
find crate/potok-kernel crate/potok-words Cargo.toml Cargo.lock -type f | LC_ALL=C sort |
    while read -r file; do
        printf '%s\n' "$file"
        cat "$file"
    done | sum | cut -c1-16
