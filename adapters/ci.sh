#!/usr/bin/env bash
# The adapters for Rust frameworks: format, lints and tests of each, against the library of this checkout.
set -euo pipefail
cd "$(dirname "$0")"
unset CARGO_TARGET_DIR
export CARGO_INCREMENTAL=0
for adapter in isomoment-*/; do
  cd "$adapter"
  cargo fmt --check
  cargo clippy --locked --all-targets -- -D warnings
  cargo test --locked
  cd ..
done
