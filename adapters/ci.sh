#!/usr/bin/env bash
# The adapters for Rust frameworks: format, lints and tests of each, against the library of this checkout.
set -euo pipefail
cd "$(dirname "$0")"
# one folder for all, so that what two adapters depend on is built once
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/../target}/adapters"
export CARGO_INCREMENTAL=0
# the tests multiply small matrices: waking threads for each takes longer than the product
export RAYON_NUM_THREADS=1
for adapter in isomoment-*/; do
  cd "$adapter"
  cargo fmt --check
  cargo clippy --locked --all-targets -- -D warnings
  cargo test --locked
  cd ..
done
