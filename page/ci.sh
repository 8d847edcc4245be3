#!/usr/bin/env bash
# The page against the library: its sources make the page that is checked in, its numbers are the library's in
# Node, and it does in Chromium what it should. Installs Node and Chromium (Debian's packages) where it can.
set -euo pipefail
cd "$(dirname "$0")"
export CARGO_INCREMENTAL=0
folder="${CARGO_TARGET_DIR:-$PWD/core/target}"

need() { # PROGRAM PACKAGE…
  command -v "$1" > /dev/null && return
  shift
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}
need node nodejs npm
if test -z "${CHROMIUM:-}"; then
  for candidate in google-chrome chromium-browser chromium; do
    if command -v "$candidate" > /dev/null; then CHROMIUM=$(command -v "$candidate"); fi
  done
  test -n "${CHROMIUM:-}" || { need chromium chromium; CHROMIUM=$(command -v chromium); }
  export CHROMIUM
fi
npm ci --silent

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# the sources around the core that is checked in
node assemble.mjs index.html "$scratch/index.html"
cmp index.html "$scratch/index.html" || { echo "page/index.html is not what its sources make: page/build.sh"; exit 1; }

# what it gives to copy as Rust is compiled and gives its numbers
node test/copied.mjs rust | rustfmt --edition 2024 | cmp - core/examples/copied.rs

cd core
cargo fmt --check
CARGO_TARGET_DIR="$folder" cargo clippy --locked --all-targets -- -D warnings
CARGO_TARGET_DIR="$folder" cargo run --quiet --locked --release --example reference > "$scratch/reference.jsonl"
CARGO_TARGET_DIR="$folder" cargo run --quiet --locked --release --example copied
cd ..
node test/numbers.mjs "$scratch/reference.jsonl"
python="$folder/python/venv/bin/python"
if test -x "$python"; then
  # made by python/ci.sh
  node test/copied.mjs python | "$python" -
else
  echo "what is to copy as Python was not run: python/ci.sh was not"
fi
node test/browser.mjs
