// What "copy as Rust" and "copy as Python" give, as programs that check themselves against the page's numbers:
// node test/copied.mjs rust|python [PAGE.html]
import { readFileSync } from "node:fs";
import { instantiate, unpack } from "../src/core.js";
import { DEFAULTS, gainRow, isHomogeneous, layerRow } from "../src/state.js";

globalThis.__VERSION__ = "0";
const { QUANTITIES, copied } = await import("../src/cite.js");

const [form, page = new URL("../index.html", import.meta.url)] = process.argv.slice(2);
const core = instantiate(unpack(readFileSync(page, "utf8").match(/id="core">([^<]*)</)[1]));

const STATES = [
  {},
  { activation: "linear", width: "1e3", s: "3/4" },
  { activation: "leaky-relu", slope: "−0.2", width: "16", s: "0.5", keep: "0.9" },
  { activation: "rrelu", lower: "1/8", upper: "0.5", "fan-in": "784", s: "2" },
  { s: "0", keep: "0.5", masks: "plain", width: "3" },
  { weights: "orthogonal", "fan-in": "100", s: "1", width: "64" },
  { activation: "gelu", "fan-in": "784", s: "1" },
  { activation: "elu", alpha: "1/2", level: "2", s: "2", width: "16" },
  { activation: "tanh", level: "0.3", s: "0.5" },
  { activation: "silu" },
  { activation: "selu" },
  { activation: "mish" },
  { activation: "softplus" },
  { activation: "sigmoid", level: "0.6" },
];

function constants(state) {
  if (isHomogeneous(state)) return core.constants(layerRow(state));
  const [[sigma, gain, stability]] = core.gains(gainRow(state));
  return { sigma, gain, stability };
}

const texts = [];
for (const changes of STATES) {
  const state = { ...DEFAULTS, form, ...changes };
  const found = constants(state);
  for (const [quantity, { variable }] of Object.entries(QUANTITIES)) {
    const value = found[quantity];
    if (value !== undefined) texts.push({ variable, value, text: copied({ ...state, quantity }, value, "") });
  }
}

if (form === "rust") {
  console.log(`//! What the page gives to copy as Rust, with the page's numbers; made by test/copied.mjs.

fn near(number: f64, expected: f64) {
    assert!((number - expected).abs() <= 1e-13 * expected.abs(), "{number} is not {expected}");
}

fn main() -> isomoment::Result<()> {`);
  for (const { variable, value, text } of texts) {
    const literal = /[.e]/.test(String(value)) ? value : `${value}.0`;
    console.log(`{\n${text}\nnear(${variable}, ${literal});\n}`);
  }
  console.log(`println!("${texts.length} texts give the page's numbers");\nOk(())\n}`);
} else {
  console.log("import math");
  for (const { variable, value, text } of texts) {
    console.log(`${text}\nassert math.isclose(${variable}, ${value}, rel_tol=1e-13), (${variable}, ${value})\n`);
  }
  console.log(`print("${texts.length} texts give the page's numbers")`);
}
