// The numbers of one layer on the page: the scale, the other constants, and a sentence on them.

import { allDigits, fewDigits } from "./number.js";
import { NAMES, gainRow, isHomogeneous, layerRow, numbers } from "./state.js";

const byId = (id) => document.getElementById(id);

/** The constants of the state's layer: every quantity that can be copied. */
export function constantsOf(core, state) {
  if (isHomogeneous(state)) return core.constants(layerRow(state));
  const [[sigma, gain, stability], ...more] = core.gains(gainRow(state));
  return { sigma, gain, stability, more };
}

/** What there is of a kind of activation. */
export const quantitiesOf = (state) =>
  isHomogeneous(state) ? ["sigma", "gain", "growth", "variance", "dead"] : ["sigma", "gain", "stability"];

/** Shows them; nothing where there are none. */
export function showConstants(state, constants) {
  const belongs = (quantity) => quantitiesOf(state).includes(quantity);
  for (const note of document.querySelectorAll("[data-dies]")) note.hidden = !(constants?.dead > 0);
  byId("sigma").textContent = constants ? allDigits(constants.sigma) : "–";
  for (const row of document.querySelectorAll(".constants [data-quantity]")) {
    const value = constants?.[row.dataset.quantity];
    row.hidden = !belongs(row.dataset.quantity);
    row.querySelector("dd").textContent = value === undefined ? "–" : allDigits(value);
  }
  for (const radio of document.querySelectorAll("input[name=quantity]")) {
    radio.parentElement.hidden = !belongs(radio.value);
  }
  const orthogonal = isHomogeneous(state) && state.weights === "orthogonal";
  byId("scale-name").textContent = orthogonal
    ? "Factor of the orthogonal matrix"
    : "Standard deviation of the weights";
  byId("gain-math").hidden = orthogonal;
  byId("others-note").hidden = isHomogeneous(state);
  byId("more-gains").textContent = (constants?.more ?? [])
    .map(([, gain, stability]) => `So does the gain ${fewDigits(gain, 6)}, with stability ${fewDigits(stability)}.`)
    .join(" ");
  byId("sentence").innerHTML = constants ? sentence(state, constants) : "";
}

const NORM = "<mrow><mo>‖</mo><mi>x</mi><mo>‖</mo></mrow>";
const RMS = "<mtext>rms</mtext>";
const math = (content) => `<math>${content}</math>`;

/** What the scale does, in words; it holds nothing but numbers of the state. */
function sentence(state, { dead }) {
  const n = numbers(state);
  const units = `${n.width.toLocaleString("en")} ${NAMES[state.activation]} ${n.width === 1 ? "unit" : "units"}`;
  const square = n["fan-in"] === n.width;
  const inputs = square ? "as many inputs" : `${n["fan-in"].toLocaleString("en")} ${n["fan-in"] === 1 ? "input" : "inputs"}`;
  const layer = `${units} with ${inputs}`;
  if (!isHomogeneous(state)) {
    const power = n.s === 1 ? RMS : `<msup>${RMS}<mn>${n.s}</mn></msup>`;
    const kept = math(`<mi>𝔼</mi><mo>[</mo>${power}<mo>]</mo>`);
    return `${layer}: keeps ${kept} of an input whose root-mean-square is ${n.level}.`;
  }
  const size = square ? NORM : RMS;
  if (n.s === 0) {
    const given = dead > 0 ? ", given that no output is 0," : "";
    return `${layer}: keeps ${math(`<mi>𝔼</mi><mi>log</mi>${size}`)}${given} from layer to layer.`;
  }
  const bare = n.s === 1 ? size : `<msup>${size}<mn>${n.s}</mn></msup>`;
  const power = square ? bare : `<mo>[</mo>${bare}<mo>]</mo>`;
  const root = square ? "" : `, ${math(`${RMS}<mo>=</mo>${NORM}<mo>/</mo><msqrt><mtext>number of components</mtext></msqrt>`)}`;
  return `${layer}: keeps ${math(`<mi>𝔼</mi>${power}`)} constant from layer to layer${root}.`;
}
