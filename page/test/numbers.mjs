// The page's numbers against the library's: node test/numbers.mjs REFERENCE.jsonl [PAGE.html]
// The reference is what `cargo run --release --example reference` prints in core/.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { instantiate, unpack } from "../src/core.js";

const [reference, page = new URL("../index.html", import.meta.url)] = process.argv.slice(2);
const lines = readFileSync(reference, "utf8").trim().split("\n").map((line) => JSON.parse(line));
assert.ok(lines.length > 4000, "the reference has all its cases");

const core = instantiate(unpack(readFileSync(page, "utf8").match(/id="core">([^<]*)</)[1]));

const of = {
  constants(ask) {
    const c = core.constants(ask);
    return [c.sigmaOfNorm, c.sigma, c.gain, c.growth, c.variance, c.dead];
  },
  // without the order's and Lyapunov's, which are constants
  schemes: (ask) => core.schemes(ask).slice(2).map(([sigma]) => sigma),
  depth(ask) {
    const [layer, depth, epsilon] = [ask.slice(0, 9), ask[9], ask[10]];
    const { growth } = core.constants(layer);
    const stack = core.stack(layer, depth);
    const shift = depth * (growth - stack.growth);
    const quantiles = core.quantiles([0.05, 0.5, 0.95]).map((q) => q + shift);
    return [depth * growth, stack.variance, ...quantiles, ...core.below(epsilon, [shift])];
  },
  gains: (ask) => core.gains(ask).flat(),
};

/** The numbers of each answer, with the relative difference that is allowed. */
const NUMBERS = {
  constants: [
    // what the library promises of σ and of v
    ["σ of the norm", 4e-15],
    ["σ", 4e-15],
    ["gain", 4e-15],
    ["μ", 1e-13],
    ["v", 1e-13],
    ["P(Q = 0)", 1e-15],
  ],
  schemes: [
    ["He", 1e-15],
    ["random walk", 1e-15],
    ["LeCun", 0],
    ["Glorot", 0],
    ["framework default", 0],
  ],
  // quantiles are searched for until they move no more in the twelfth digit of the spread
  depth: [
    ["mean", 1e-13],
    ["variance", 1e-13],
    ["quantile 5 %", 1e-10],
    ["median", 1e-10],
    ["quantile 95 %", 1e-10],
    ["chance below ε", 1e-11],
  ],
  gains: [
    ["σ of any activation", 1e-12],
    ["gain of any activation", 1e-12],
    ["stability", 1e-12],
  ],
};
const QUANTILES = ["quantile 5 %", "median", "quantile 95 %"];

const bits = new DataView(new ArrayBuffer(8));

/** The number of doubles between two numbers. */
function ulps(a, b) {
  const at = (x) => {
    bits.setFloat64(0, Math.abs(x));
    return x < 0 ? -bits.getBigInt64(0) : bits.getBigInt64(0);
  };
  return Math.abs(Number(at(a) - at(b)));
}

const seen = {};
let refusals = 0;
for (const { what, ask, answer, error } of lines) {
  let got;
  let refused;
  try {
    got = of[what](ask);
  } catch (reason) {
    refused = reason.message;
  }
  assert.equal(refused, error, JSON.stringify(ask));
  if (error) {
    refusals += 1;
    continue;
  }
  assert.equal(got.length, answer.length, JSON.stringify(ask));
  got.forEach((value, i) => {
    const [name, allowed] = NUMBERS[what][i % NUMBERS[what].length];
    const row = (seen[name] ??= { allowed, numbers: 0, equal: 0, ulps: 0, relative: 0 });
    row.numbers += 1;
    if (value === answer[i]) {
      row.equal += 1;
      return;
    }
    // a quantile may lie at 0: its error counts beside the spread
    const spread = QUANTILES.includes(name) ? Math.sqrt(answer[1]) : 0;
    const relative = Math.abs(value - answer[i]) / (spread + Math.abs(answer[i]));
    // also of NaN
    if (!(relative <= row.relative)) Object.assign(row, { relative, worst: { ask, value, expected: answer[i] } });
    row.ulps = Math.max(row.ulps, ulps(value, answer[i]));
  });
}

console.log(`${lines.length - refusals} answers, and ${refusals} refusals word for word`);
for (const [name, { allowed, numbers, equal, ulps, relative, worst }] of Object.entries(seen)) {
  console.log(
    `${name.padEnd(23)} ${String(equal).padStart(5)} of ${String(numbers).padStart(5)} equal in every bit, others within ` +
      `${ulps} in the last place, ${relative.toExponential(1)} (allowed: ${allowed})`,
  );
  if (!(relative <= allowed)) {
    console.error(`✗ ${name}: ${JSON.stringify(worst)}`);
    process.exitCode = 1;
  }
}
