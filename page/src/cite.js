// A number as text to copy: plain, for LaTeX, as a program that computes it, with its source.

import { NAMES, isHomogeneous, neededFields, number, numbers } from "./state.js";

/** Of the library that the page was built with. */
const VERSION = __VERSION__;

/** What can be copied, and its letter. */
export const QUANTITIES = {
  sigma: { macro: "isomomentsigma", variable: "sigma" },
  gain: { macro: "isomomentgain", variable: "gain" },
  growth: { macro: "isomomentmu", variable: "mu" },
  variance: { macro: "isomomentv", variable: "v" },
  dead: { macro: "isomomentdead", variable: "dead" },
  stability: { macro: "isomomentstability", variable: "stability" },
};

/** The text for `state.quantity`, which has this value, in the form `state.form`. */
export function copied(state, value, address) {
  const { macro } = QUANTITIES[state.quantity];
  switch (state.form) {
    case "latex":
      return `\\newcommand{\\${macro}}{\\num{${value}}} % ${inLatex(state)}; siunitx`;
    case "python":
      return python(state, value);
    case "rust":
      return rust(state, value);
    case "bibtex":
      return bibtex(state, value, address);
    case "command":
      return command(state);
    default:
      return String(value);
  }
}

/** The program's command that prints the number. */
function command(state) {
  const option = (name, field) =>
    state[field].trim() === "" ? "" : ` --${name} ${state[field].trim().replaceAll("−", "-")}`;
  const own = neededFields(state).filter((f) => ["slope", "lower", "upper", "alpha"].includes(f));
  let text = `isomoment ${isHomogeneous(state) ? "constants" : "gain"} --activation ${state.activation}`;
  for (const field of own) text += option(field, field);
  text += option("moment", "s");
  if (!isHomogeneous(state)) return `${text}${option("width", "width")}${option("level", "level")}`;
  if (isSquare(state)) text += option("width", "width");
  else text += option("fan-in", "fan-in") + option("fan-out", "width");
  if (numbers(state).keep !== 1) text += `${option("keep", "keep")} --dropout ${state.masks}`;
  if (state.weights !== "gaussian") text += ` --weights ${state.weights}`;
  return text;
}

const isSquare = (state) => numbers(state)["fan-in"] === numbers(state).width;

/** What the number is of, for a comment in LaTeX. */
function inLatex(state) {
  const n = numbers(state);
  const slope = {
    "leaky-relu": `, $a = ${n.slope}$`,
    rrelu: `, $[${n.lower}, ${n.upper}]$`,
    elu: `, $\\alpha = ${n.alpha}$`,
  };
  let text = NAMES[state.activation] + (slope[state.activation] ?? "");
  if (!isHomogeneous(state)) return `${text}, $s = ${n.s}$, $d = ${n.width}$, level $${n.level}$`;
  if (n.keep !== 1) text += `, keep $${n.keep}$${state.masks === "plain" ? " (plain)" : ""}`;
  if (state.weights === "orthogonal") text += ", orthogonal";
  if (!isSquare(state)) text += `, fan-in $${n["fan-in"]}$`;
  return `${text}, $s = ${n.s}$, $d = ${n.width}$`;
}

/** Python has a quotient's value as a quotient. */
const inPython = (state, field) => state[field].trim().replaceAll("−", "-");

function python(state, value) {
  return isHomogeneous(state) ? pythonOfLayer(state, value) : pythonOfGain(state, value);
}

function pythonOfLayer(state, value) {
  const n = numbers(state);
  if (n.s === 0 && state.quantity === "growth") return "mu = 0.0  # by the Lyapunov scale's definition";
  const options = [`${n.width}`, `"${state.activation}"`];
  if (state.activation === "leaky-relu") options.push(`slope=${inPython(state, "slope")}`);
  if (state.activation === "rrelu") {
    options.push(`slope=(${inPython(state, "lower")}, ${inPython(state, "upper")})`);
  }
  if (n.keep !== 1) options.push(`keep=${inPython(state, "keep")}`);
  if (n.keep !== 1 && state.masks === "plain") options.push('dropout="plain"');
  if (state.weights === "orthogonal") options.push('weights="orthogonal"');
  if (!isSquare(state)) options.push(`fan_in=${n["fan-in"]}`);

  const order = inPython(state, "s");
  const scale = n.s === 0 ? "law.lyapunov_scale()" : `law.scale(${order})`;
  const aspect = isSquare(state) ? "" : ` * (${n.width} / ${n["fan-in"]}) ** 0.5`;
  const formula = {
    sigma: scale + aspect,
    gain: state.weights === "orthogonal" ? scale + aspect : `${scale} * ${n.width} ** 0.5`,
    growth: `law.log_growth(${order})`,
    variance: "law.log_cumulants().variance",
    dead: "law.dead_probability",
  }[state.quantity];
  const { variable } = QUANTITIES[state.quantity];
  return `import isomoment

law = isomoment.LayerLaw(${options.join(", ")})
${variable} = ${formula}  # ${value}`;
}

function pythonOfGain(state, value) {
  const n = numbers(state);
  const options = [inPython(state, "s"), `${n.width}`, `"${state.activation}"`];
  if (n.level !== 1) options.push(`level=${inPython(state, "level")}`);
  if (state.activation === "elu") options.push(`alpha=${inPython(state, "alpha")}`);
  const formula = {
    sigma: `solution.gain / ${n["fan-in"]} ** 0.5`,
    gain: "solution.gain",
    stability: "solution.stability",
  }[state.quantity];
  const { variable } = QUANTITIES[state.quantity];
  return `import isomoment

solution = isomoment.gain(${options.join(", ")})
${variable} = ${formula}  # ${value}`;
}

/** A literal of type f64; a quotient as one of two. */
function inRust(state, field) {
  const literal = (part) => {
    const text = String(number(field, part));
    return /[.e]/.test(text) ? text : `${text}.0`;
  };
  return state[field].split("/").map(literal).join(" / ");
}

function rust(state, value) {
  return isHomogeneous(state) ? rustOfLayer(state, value) : rustOfGain(state, value);
}

function rustOfLayer(state, value) {
  const n = numbers(state);
  if (n.s === 0 && state.quantity === "growth") return "let mu = 0.0; // by the Lyapunov scale's definition";
  const uses = ["Activation", "LayerLaw"];
  const activation = {
    linear: () => "Activation::Linear",
    relu: () => "Activation::Relu",
    "leaky-relu": () => `Activation::LeakyRelu { slope: ${inRust(state, "slope")} }`,
    rrelu: () =>
      `Activation::RandomizedLeakyRelu { lower: ${inRust(state, "lower")}, upper: ${inRust(state, "upper")} }`,
  }[state.activation]();
  let law = `LayerLaw::new(${activation}, ${n.width})?`;
  if (n.keep !== 1) {
    uses.push("Dropout");
    law = `LayerLaw::with_dropout(${activation}, Dropout::${state.masks}(${inRust(state, "keep")})?, ${n.width})?`;
  }
  if (state.weights === "orthogonal") {
    uses.push("Weights");
    law += ".with_weights(Weights::Orthogonal)";
  }
  if (!isSquare(state)) law += `.with_fan_in(${n["fan-in"]})?`;

  const scale = n.s === 0 ? "law.lyapunov_scale()?" : `law.scale(${inRust(state, "s")})?`;
  const aspect = isSquare(state) ? "" : ` * (${n.width}.0_f64 / ${n["fan-in"]}.0).sqrt()`;
  const formula = {
    sigma: scale + aspect,
    gain: state.weights === "orthogonal" ? scale + aspect : `${scale} * ${n.width}.0_f64.sqrt()`,
    growth: `law.log_growth(${inRust(state, "s")})?`,
    variance: "law.log_cumulants().variance",
    dead: "law.dead_probability()",
  }[state.quantity];
  const { variable } = QUANTITIES[state.quantity];
  return `use isomoment::{${uses.sort().join(", ")}};

let law = ${law};
let ${variable} = ${formula}; // ${value}`;
}

function rustOfGain(state, value) {
  const n = numbers(state);
  const kind =
    state.activation === "elu"
      ? `Elu { alpha: ${inRust(state, "alpha")} }`
      : { gelu: "Gelu", silu: "Silu", tanh: "Tanh", selu: "Selu" }[state.activation] ??
        NAMES[state.activation];
  const law = `LevelLaw::new(Nonlinearity::${kind}, ${n.width})?`;
  const gain = `law.gain(${inRust(state, "s")}, ${inRust(state, "level")})?`;
  const formula = {
    sigma: `${gain}.gain / ${n["fan-in"]}.0_f64.sqrt()`,
    gain: `${gain}.gain`,
    stability: `${gain}.stability`,
  }[state.quantity];
  const { variable } = QUANTITIES[state.quantity];
  return `use isomoment::gain::{LevelLaw, Nonlinearity};

let law = ${law};
let ${variable} = ${formula}; // ${value}`;
}

/** The software, with the number, and the theory. */
function bibtex(state, value, address) {
  const note = `${inLatex(state)}: $${value}$; \\texttt{${command(state)}}`;
  // a file's address is of no use to a reader
  const url = address.startsWith("http") ? `,\n  url     = {${address}}` : "";
  return `@misc{isomoment,
  title   = {isomoment: fractional moment-preserving initialization, computed and verified},
  author  = {{The isomoment developers}},
  version = {${VERSION}},
  year    = {2026},
  note    = {${note}}${url}
}
@inproceedings{gurbuzbalaban2021fractional,
  title     = {Fractional moment-preserving initialization schemes for training deep neural networks},
  author    = {G{\\"u}rb{\\"u}zbalaban, Mert and Hu, Yuanhan},
  booktitle = {Proceedings of the 24th International Conference on Artificial Intelligence and Statistics (AISTATS)},
  year      = {2021},
  eprint    = {2005.11878},
  archiveprefix = {arXiv}
}`;
}
