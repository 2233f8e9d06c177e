#!/bin/sh
# The students' zip as an image for containers: IMAGE names it, ENGINE builds it.
# Run by `make homework-image`, at the top of the checkout.
set -eu

zip=${ZIP:-dist/potok-homework.zip}
engine=${ENGINE:-$(command -v podman || command -v docker || true)}
if [ -z "$engine" ]; then
    echo "homework-image: neither podman nor docker is installed. Install one:" >&2
    echo "    sudo apt-get install podman     # Debian, Ubuntu" >&2
    exit 1
fi
rust=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
python3 -m zipfile -e "$zip" "$context"
"$engine" build --build-arg RUST="$rust" --tag "${IMAGE:-potok}" \
    --file notebooks/homework/Containerfile "$context/potok-homework"
