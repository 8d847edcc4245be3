// Schemes side by side: their scales and growth at once, their law at depth when the worker has it.

import { SCHEMES } from "./core.js";
import { chance, fewDigits, fewDigitsOfExp } from "./number.js";
import { axisOf, beyond, drawRow, ticksOf } from "./picture.js";
import { layerRow, numbers } from "./state.js";

const byId = (id) => document.getElementById(id);

/** Schemes whose laws the axis always shows: the chosen order's, Lyapunov's, He's. */
const ESSENTIAL = 3;

/** A smaller chance to become exactly 0 is not worth a word. */
const WORTH_SAYING = 1e-4;

/** The table of schemes, with a row for each. */
export class Schemes {
  constructor() {
    this.rows = SCHEMES.map(makeRow);
    byId("rows").replaceChildren(...this.rows.map((row) => row.element));
    this.law = {};
  }

  /** Shows σ and μ, and keeps what to ask about the law at depth. */
  show(core, state) {
    const layer = layerRow(state);
    const { depth, epsilon, s } = numbers(state);
    this.asked = { layer, depth, epsilon };
    this.scales = core.schemes(layer);
    this.rows[0].name.innerHTML = s === 0 ? "Lyapunov" : `<span class="hidden">Order </span><math><mi>s</mi><mo>=</mo><mn>${s}</mn></math>`;
    this.rows[1].element.hidden = s === 0;
    this.rows.forEach((row, i) => {
      const [sigma, growth] = this.scales[i];
      row.sigma.textContent = fewDigits(sigma, 6);
      row.growth.textContent = fewDigits(growth, 3);
    });
    byId("law-depth").textContent = depth.toLocaleString("en");
    byId("law").setAttribute("aria-busy", "true");
  }

  /** How far each scheme moves the law of σ = 1. */
  shifts(stack) {
    return this.scales.map(([, growth]) => this.asked.depth * (growth - stack.growth));
  }

  /** Takes the next part of the worker's answer. */
  take(answer) {
    this.law = { ...this.law, ...answer };
    if (answer.stack) {
      this.law.quantiles = undefined;
      this.law.below = undefined;
    }
    this.draw();
    if (answer.below) this.finish();
  }

  draw() {
    const { law, rows } = this;
    const { epsilon } = this.asked;
    const shifts = this.shifts(law.stack);
    const axis = axisOf(law, shifts, ESSENTIAL, epsilon);
    const ticks = ticksOf(axis).map(({ at, label }) => {
      const tick = document.createElement("span");
      tick.style.left = `${100 * at}%`;
      tick.textContent = label;
      return tick;
    });
    byId("ticks").replaceChildren(...ticks);
    byId("dead-key").hidden = law.stack.dead < WORTH_SAYING;
    rows.forEach((row, i) => {
      drawRow(row.svg, law, axis, shifts[i], epsilon);
      const outside = law.quantiles && beyond(axis, law.quantiles, shifts[i]);
      row.outside.textContent = outside?.text ?? "";
      row.outside.dataset.side = outside?.side ?? "left";
    });
  }

  /** All numbers are there. */
  finish() {
    const { law, rows } = this;
    const { epsilon } = this.asked;
    const shifts = this.shifts(law.stack);
    const ratio = (q, shift, digits) => fewDigitsOfExp(q + shift, digits);
    rows.forEach((row, i) => {
      const [low, median, high] = law.quantiles;
      row.median.textContent = ratio(median, shifts[i], 3);
      row.band.textContent = `${ratio(low, shifts[i], 2)} … ${ratio(high, shifts[i], 2)}`;
      row.below.textContent = chance(law.below[i]);
    });
    const [low, median, high] = law.quantiles.map((q) => ratio(q, shifts[0], 3));
    const dies = law.stack.dead >= WORTH_SAYING;
    const some = dies ? `${chance(law.stack.dead)} of the outputs are exactly 0. Of the others the` : "The";
    byId("law-sentence").textContent =
      `${some} typical output is ${median} times as large as the input, and 90 % lie between ${low} and ${high}. ` +
      `The chance to be below ${epsilon < 1e-3 ? fewDigits(epsilon) : epsilon}${dies ? ", 0 included," : ""} is ${chance(law.below[0])}.`;
    byId("law").setAttribute("aria-busy", "false");
    byId("law").classList.remove("stale");
  }
}

function makeRow({ key, name }) {
  const element = document.createElement("tr");
  element.setAttribute("role", "row");
  element.dataset.scheme = key;
  const cell = (tag, role, className) => {
    const made = document.createElement(tag);
    made.setAttribute("role", role);
    made.className = className;
    element.append(made);
    return made;
  };
  const head = cell("th", "rowheader", "scheme");
  head.scope = "row";
  head.textContent = name;
  const sigma = cell("td", "cell", "number sigma");
  const growth = cell("td", "cell", "number growth");
  const picture = cell("td", "cell", "picture");
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("aria-hidden", "true");
  const outside = document.createElement("span");
  outside.className = "outside";
  outside.setAttribute("aria-hidden", "true");
  picture.append(svg, outside);
  const typical = cell("td", "cell", "number typical");
  const median = document.createElement("span");
  const band = document.createElement("small");
  typical.append(median, band);
  const below = cell("td", "cell", "number below");
  return { element, name: head, sigma, growth, svg, outside, median, band, below };
}
