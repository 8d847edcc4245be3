#!/usr/bin/env bash
# Builds page/index.html: the core as WebAssembly, and the page around it.
#
# Needs Node 20 and `rustup target add wasm32-unknown-unknown`. Another compiler is given as RUSTC; where it
# has no standard library for WebAssembly, that is built from its sources (README.md: Debian's).
set -euo pipefail
cd "$(dirname "$0")"
target=wasm32-unknown-unknown
folder="${CARGO_TARGET_DIR:-$PWD/core/target}"
rustc="${RUSTC:-rustc}"

options=(--release --locked --lib --target "$target")
if ! test -d "$("$rustc" --print target-libdir --target "$target")"; then
  export RUSTC_BOOTSTRAP=1
  options+=(-Z build-std=std,panic_abort)
fi

# messages of panics name source files: none of this machine's folders
flags="--remap-path-prefix=$(dirname "$PWD")=isomoment --remap-path-prefix=$("$rustc" --print sysroot)=rust"
for registry in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*; do
  flags+=" --remap-path-prefix=$registry=crates"
done

npm ci --silent
RUSTFLAGS="$flags" CARGO_TARGET_DIR="$folder" cargo build --manifest-path core/Cargo.toml "${options[@]}"
node assemble.mjs "$folder/$target/release/isomoment_page.wasm"
