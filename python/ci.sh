#!/usr/bin/env bash
# The Python package: built as a wheel, installed in a fresh virtual environment, linted, typed and tested.
# Needs Python 3.10 or later with venv. Arguments are installed, too: the tests of a framework run where it is there,
#   python/ci.sh flax keras "dask[distributed]" torch    (PyTorch's wheel takes 5.4 GB)
set -euo pipefail
cd "$(dirname "$0")"
target="${CARGO_TARGET_DIR:-$PWD/../target}/python"
export CARGO_TARGET_DIR="$target"
# this run's packages alone
unset PYTHONPATH PYTHONHOME
export PYTHONNOUSERSITE=1
cargo fmt --check
cargo clippy --release --locked -- -D warnings
rm -rf "$target/venv" "$target/wheels"
python3 -m venv "$target/venv"
"$target/venv/bin/pip" install --quiet "maturin>=1.9,<2"
"$target/venv/bin/maturin" build --release --locked --quiet --out "$target/wheels"
"$target/venv/bin/pip" install --quiet "$(echo "$target"/wheels/*.whl)[test]" "$@"
(cd "$target" && venv/bin/python -c "import isomoment, sys; assert isomoment.__file__.startswith(sys.prefix)")
export KERAS_BACKEND=jax
"$target/venv/bin/ruff" format --check
"$target/venv/bin/ruff" check
"$target/venv/bin/mypy" --cache-dir "$target/mypy"
# by their commands, which do not look for the package in the source
"$target/venv/bin/stubtest" --mypy-config-file pyproject.toml isomoment._core
"$target/venv/bin/pytest" -q -p no:cacheprovider tests --doctest-glob=README.md README.md
"$target/venv/bin/pytest" -q -p no:cacheprovider --pyargs isomoment --doctest-modules \
  --doctest-ignore-import-errors
