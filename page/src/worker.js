// The law at depth, beside the page, so that the sliders never wait for it.

import { instantiate } from "./core.js";

/** Points of the picture: with a table they cost nothing, without one a second each hundred. */
const POINTS = 241;
const FEW_POINTS = 33;

/** Quantiles that are shown: the 90 % band and the median. */
const CHANCES = [0.05, 0.5, 0.95];

let core;
/** The newest question; older ones are dropped between two steps. */
let asked;
let busy = false;
/** What is known of the stack that was asked about last. */
let known = {};

onmessage = async ({ data }) => {
  if (data.bytes) {
    core = instantiate(data.bytes);
  } else {
    asked = data;
  }
  if (core && asked && !busy) {
    busy = true;
    while (asked) await answer();
    busy = false;
  }
};

/** Answers the newest question in steps, and gives up when there is a newer one. */
async function answer() {
  const question = asked;
  asked = undefined;
  try {
    for (const step of steps(question)) {
      if (step) postMessage({ id: question.id, ...step });
      await pause();
      if (asked) return;
    }
  } catch (error) {
    postMessage({ id: question.id, error: error.message });
  }
}

/** Lets newer questions arrive. */
const pause = () => new Promise((resolve) => setTimeout(resolve));

function* steps({ layer, depth, epsilon, growths }) {
  const key = JSON.stringify([layer.slice(0, -1), depth]);
  if (known.key !== key) {
    // if it fails, nothing is known
    known = {};
    known = { key, stack: core.stack(layer, depth), values: [], quantiles: [] };
    yield;
  }
  const { stack, values, quantiles } = known;
  const points = gridOf(stack);
  while (values.length < points.length) {
    const start = values.length;
    values.push(...core.values(points.slice(start, stack.tabulated ? undefined : start + 1)));
    yield;
  }
  yield { stack, points, values };
  while (quantiles.length < CHANCES.length) {
    quantiles.push(...core.quantiles([CHANCES[quantiles.length]]));
    yield;
  }
  yield { quantiles };
  const below = [];
  for (const growth of growths) {
    // a scheme only shifts the law of σ = 1
    below.push(...core.below(epsilon, [depth * (growth - stack.growth)]));
    yield;
  }
  yield { below };
}

/** Where the law is drawn; of one value there is no density. */
function gridOf({ mean, variance, tabulated }) {
  if (variance === 0) return [];
  const count = tabulated ? POINTS : FEW_POINTS;
  const deviation = Math.sqrt(variance);
  const [from, to] = [mean - 7 * deviation, mean + 5 * deviation];
  return Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));
}
