#!/usr/bin/env bash
# The program's wheel and that of the Python package, installed in a fresh virtual environment by the
# extra `cli`, and tried against the program that cargo builds. After python/ci.sh, whose maturin and
# builds it takes. Needs Rust 1.92, a C++ toolchain and Python 3.10 or later with venv.
set -euo pipefail
cd "$(dirname "$0")"
target="${CARGO_TARGET_DIR:-$PWD/../../target}"
maturin="$target/python/venv/bin/maturin"
venv="$target/python/cli-venv"
wheels="$target/python/cli-wheels"
rm -rf "$venv" "$wheels"

# as the root's `cargo run --release` builds it; a copy, as maturin puts its own in that place
export CARGO_TARGET_DIR="$target"
(cd ../.. && cargo build --release)
mkdir -p "$wheels"
cp "$target/release/isomoment" "$wheels/isomoment"

"$maturin" build --release --locked --quiet --out "$wheels"
python3 -m venv "$venv"
"$venv/bin/pip" install --quiet "$(echo "$wheels"/isomoment_cli-*.whl)" \
  "$(echo "$target"/python/wheels/isomoment-*.whl)[cli]" pytest
ISOMOMENT_NATIVE="$wheels/isomoment" "$venv/bin/pytest" -q -p no:cacheprovider tests
