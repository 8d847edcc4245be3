// The law at depth as a picture: a row for each scheme, all on one axis of decimal logarithms.

import { fewDigitsOfExp, superscript } from "./number.js";

const SVG = "http://www.w3.org/2000/svg";

/** Units of a row's drawing; it is stretched to the width that there is. */
const WIDTH = 1000;
const HEIGHT = 100;
/** Height of a density's mode, and of the band below it. */
const MODE = 84;
const BASE = 90;

/** Probability outside of which a row need not be seen. */
const OUTSIDE = 1e-3;

/** The axis (natural logarithms) that shows 1, ε and the laws of the first `essential` shifts. */
export function axisOf({ points, values, stack }, shifts, essential, epsilon) {
  const deviation = Math.sqrt(stack.variance);
  let [low, high] = [stack.mean - deviation, stack.mean + deviation];
  if (points.length > 0) {
    low = points[Math.max(0, values.findIndex(([cdf]) => cdf > OUTSIDE) - 1)];
    high = points[Math.min(points.length, values.findLastIndex(([cdf]) => cdf < 1 - OUTSIDE) + 2) - 1];
  }
  const main = shifts.slice(0, essential);
  const [left, right] = [Math.min(...main) + low, Math.max(...main) + high];
  const span = Math.max(right - left, 1e-6);
  let from = Math.min(left, 0);
  let to = Math.max(right, 0);
  // what is small is shown, unless everything else would be squeezed
  if (Math.log(epsilon) > from - 1.5 * Math.max(span, to - from)) {
    from = Math.min(from, Math.log(epsilon));
  }
  const margin = 0.04 * (to - from || 1);
  return { from: from - margin, to: to + margin };
}

/** Where x lies on the axis, 0 to 1. */
const place = ({ from, to }, x) => (x - from) / (to - from);

/** The ticks: whole decades, or where there are few, 1, 2 and 5 of each. */
export function ticksOf(axis) {
  const decades = (axis.to - axis.from) / Math.LN10;
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10000].find((n) => decades / n <= 7) ?? 1e5;
  const mantissas = decades < 1.2 ? [1, 2, 3, 5, 7] : decades < 2.5 ? [1, 3] : [1];
  const ticks = [];
  const first = Math.ceil(axis.from / Math.LN10 / step) - 1;
  for (let n = first; n * step * Math.LN10 <= axis.to; n += 1) {
    for (const mantissa of mantissas) {
      const x = n * step * Math.LN10 + Math.log(mantissa);
      const at = place(axis, x);
      if (at >= 0 && at <= 1) ticks.push({ at, label: labelOf(n * step, mantissa) });
    }
  }
  return ticks;
}

function labelOf(exponent, mantissa) {
  if (Math.abs(exponent) <= 3) return String(Number(`${mantissa}e${exponent}`));
  return mantissa === 1 ? `10${superscript(exponent)}` : `${mantissa}·10${superscript(exponent)}`;
}

/** Draws a scheme's law, shifted by `shift`, into its row. */
export function drawRow(svg, law, axis, shift, epsilon) {
  const { points, values, stack, quantiles } = law;
  const x = (t) => round(WIDTH * place(axis, t));
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute("preserveAspectRatio", "none");
  const parts = [line("unit", x(0), 0, x(0), BASE)];
  const edge = Math.log(epsilon);
  const highest = Math.max(0, ...values.map(([, density]) => density));
  if (highest > 0) {
    const outline = points.map((t, i) => [t + shift, (MODE * values[i][1]) / highest]);
    parts.push(area("law", outline, x));
    parts.push(area("small", upTo(outline, edge), x));
  }
  const height = MODE * stack.dead;
  if (height >= 0.1) {
    parts.push(shape("rect", { class: "dead", x: 0, y: round(BASE - height), width: 8, height: round(height) }));
  }
  parts.push(line("axis", 0, BASE, WIDTH, BASE));
  parts.push(line("epsilon", x(edge), 0, x(edge), BASE));
  if (quantiles) {
    const [low, median, high] = quantiles.map((q) => x(q + shift));
    parts.push(line("band", low, BASE, high, BASE));
    parts.push(line("median", median, BASE - 14, median, BASE + 8));
  }
  svg.replaceChildren(...parts);
}

/** Says where a law is that the axis does not show. */
export function beyond(axis, quantiles, shift) {
  const median = quantiles[1] + shift;
  if (median < axis.from) return { side: "left", text: `← ${fewDigitsOfExp(median, 1)}` };
  if (median > axis.to) return { side: "right", text: `${fewDigitsOfExp(median, 1)} →` };
  return undefined;
}

/** The part of an outline left of an edge. */
function upTo(outline, edge) {
  const inside = outline.filter(([t]) => t <= edge);
  const next = outline[inside.length];
  const last = inside.at(-1);
  if (last && next) {
    const share = (edge - last[0]) / (next[0] - last[0]);
    inside.push([edge, last[1] + share * (next[1] - last[1])]);
  }
  return inside;
}

function area(name, outline, x) {
  if (outline.length === 0) return shape("path", { class: name });
  const top = outline.map(([t, height]) => `${x(t)} ${round(BASE - height)}`).join("L");
  const [first, last] = [outline[0][0], outline.at(-1)[0]];
  return shape("path", { class: name, d: `M${x(first)} ${BASE}L${top}L${x(last)} ${BASE}Z` });
}

const line = (name, x1, y1, x2, y2) => shape("line", { class: name, x1, y1, x2, y2 });

function shape(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

// far outside numbers are long and say nothing
const round = (t) => Math.round(10 * Math.min(Math.max(t, -1e5), 1e5)) / 10;
