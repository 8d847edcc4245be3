// What is asked: the fields of the form as they are written, in the address and as numbers.

/** Homogeneous activations, in the core's order. */
const HOMOGENEOUS = ["linear", "relu", "leaky-relu", "rrelu"];

/** The others, in the core's order. */
const OTHERS = ["gelu", "silu", "tanh", "elu", "selu", "mish", "softplus", "sigmoid"];

export const NAMES = {
  linear: "linear",
  relu: "ReLU",
  "leaky-relu": "Leaky ReLU",
  rrelu: "RReLU",
  gelu: "GELU",
  silu: "SiLU",
  tanh: "tanh",
  elu: "ELU",
  selu: "SELU",
  mish: "Mish",
  softplus: "Softplus",
  sigmoid: "Sigmoid",
};

/** Every field with its value where the address has none. */
export const DEFAULTS = {
  activation: "relu",
  slope: "0.01",
  lower: "1/8",
  upper: "1/3",
  alpha: "1",
  level: "1",
  width: "64",
  "fan-in": "",
  s: "1",
  keep: "1",
  masks: "inverted",
  weights: "gaussian",
  depth: "50",
  epsilon: "0.01",
  quantity: "sigma",
  form: "number",
};

/** These stand in the address always, as they say what the number is. */
const ALWAYS = ["activation", "width", "s"];

/** The choices of fields that are not numbers. */
const CHOICES = {
  activation: Object.keys(NAMES),
  masks: ["inverted", "plain"],
  weights: ["gaussian", "orthogonal"],
  quantity: ["sigma", "gain", "growth", "variance", "dead", "stability"],
  form: ["number", "latex", "python", "rust", "bibtex", "command"],
};

export const isHomogeneous = (state) => HOMOGENEOUS.includes(state.activation);

/** Which numbers an answer needs: of other activations neither dropout nor depth. */
export function neededFields(state) {
  const own = {
    "leaky-relu": ["slope"],
    rrelu: ["lower", "upper"],
    elu: ["alpha"],
  }[state.activation] ?? [];
  const rest = isHomogeneous(state) ? ["keep", "depth", "epsilon"] : ["level"];
  return [...own, "width", "fan-in", "s", ...rest];
}

/** Why a field has no number. */
export class FieldError extends Error {
  constructor(field, message) {
    super(message);
    this.field = field;
  }
}

/** A decimal, or a quotient such as 1/3, as the program reads it; also 1e6 and 1_000. */
export function number(field, text) {
  const decimal = (part) => {
    const plain = part.trim().replaceAll("−", "-").replaceAll("_", "");
    return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain) ? Number(plain) : NaN;
  };
  const [over, under, ...more] = text.split("/").map(decimal);
  const value = under === undefined ? over : over / under;
  if (more.length > 0 || !Number.isFinite(value)) {
    const given = text.trim() === "" ? "nothing" : `“${text.trim()}”`;
    throw new FieldError(field, `${given} is not a number; write one such as 0.5, 1/3 or 1e3`);
  }
  return value;
}

/** The numbers of all fields that are needed. */
export function numbers(state) {
  const found = {};
  for (const field of neededFields(state)) {
    const same = field === "fan-in" && state[field].trim() === "";
    found[field] = number(field, same ? state.width : state[field]);
  }
  // the picture has its logarithm before the core sees it
  if (found.epsilon < 0) {
    throw new FieldError("epsilon", `epsilon is ${found.epsilon}; it must be at least 0`);
  }
  return found;
}

/** The row of numbers by which the core knows a layer of a homogeneous activation. */
export function layerRow(state) {
  const n = numbers(state);
  return [
    HOMOGENEOUS.indexOf(state.activation),
    n.slope ?? n.lower ?? 0,
    n.upper ?? 0,
    n.keep,
    state.masks === "plain" ? 1 : 0,
    state.weights === "orthogonal" ? 1 : 0,
    n["fan-in"],
    n.width,
    n.s,
  ];
}

/** The arguments of a gain. */
export function gainRow(state) {
  const n = numbers(state);
  return [OTHERS.indexOf(state.activation), n.alpha ?? 1, n["fan-in"], n.width, n.s, n.level];
}

/** The part of an address after #. */
export function toHash(state) {
  const fields = Object.keys(DEFAULTS).filter(
    (field) => ALWAYS.includes(field) || state[field].trim() !== DEFAULTS[field],
  );
  return `#${new URLSearchParams(fields.map((field) => [field, state[field].trim()]))}`;
}

/** The state of an address; what it does not know it leaves out. */
export function fromHash(hash) {
  const state = { ...DEFAULTS };
  for (const [field, value] of new URLSearchParams(hash.replace(/^#/, ""))) {
    const allowed = CHOICES[field];
    if (field in DEFAULTS && (!allowed || allowed.includes(value))) state[field] = value;
  }
  return state;
}

/** The field that the library means by an argument's name. */
export function fieldOf(argument, state) {
  const fields = { fan_out: "width", fan_in: "fan-in" };
  // without inputs of its own a layer has as many as units
  if (argument === "fan_in" && state["fan-in"].trim() === "") return "width";
  const field = fields[argument] ?? argument;
  return field in DEFAULTS ? field : undefined;
}
