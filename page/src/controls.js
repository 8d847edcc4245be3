// The form: fields filled from a state and read into one, sliders beside numbers, errors beside fields.

import { DEFAULTS, isHomogeneous, number } from "./state.js";

/** What a slider's position means. */
const SCALES = {
  linear: { value: (at) => at, position: (value) => value },
  octaves: {
    value: (at) => Math.round(2 ** (at / 8)),
    position: (value) => 8 * Math.log2(value),
  },
  counts: {
    value: (at) => Number((10 ** (at / 20)).toPrecision(2)),
    position: (value) => 20 * Math.log10(value),
  },
  decades: {
    value: (at) => Number((10 ** at).toPrecision(1)),
    position: (value) => Math.log10(value),
  },
};

const byId = (id) => document.getElementById(id);

const radios = (field) => [...document.querySelectorAll(`input[type=radio][name=${field}]`)];

/** Fields with an input or a selection of their own. */
const inputs = Object.keys(DEFAULTS).filter((field) => byId(field)?.matches("input, select"));
const choices = Object.keys(DEFAULTS).filter((field) => radios(field).length > 0);

/** Calls `onchange` with the new state whenever a control changes. */
export function listen(onchange) {
  for (const slider of document.querySelectorAll("input[type=range]")) {
    const field = slider.id.replace(/-slider$/, "");
    slider.addEventListener("input", () => {
      byId(field).value = String(round(SCALES[slider.dataset.scale].value(Number(slider.value))));
      describeSlider(slider, byId(field).value);
      onchange(read());
    });
  }
  for (const field of inputs) {
    const input = byId(field);
    input.addEventListener("input", () => {
      moveSlider(field);
      onchange(read());
    });
  }
  for (const radio of choices.flatMap(radios)) {
    radio.addEventListener("change", () => onchange(read()));
  }
  byId("question").addEventListener("submit", (event) => event.preventDefault());
}

/** Writes a state into the form. */
export function fill(state) {
  for (const field of inputs) {
    byId(field).value = state[field];
    moveSlider(field);
  }
  for (const field of choices) {
    for (const radio of radios(field)) radio.checked = radio.value === state[field];
  }
}

function read() {
  const of = inputs.map((field) => [field, byId(field).value]);
  const chosen = choices.map((field) => [field, radios(field).find((radio) => radio.checked)?.value]);
  return { ...DEFAULTS, ...Object.fromEntries([...of, ...chosen]) };
}

/** Shows the fields that belong to the question. */
export function showFields(state) {
  const kinds = [state.activation, isHomogeneous(state) ? "homogeneous" : "others"];
  for (const element of document.querySelectorAll("[data-for]")) {
    element.hidden = !kinds.includes(element.dataset.for);
  }
  byId("masks-field").hidden = state.keep.trim() === "1";
}

/** Puts an error beside its field, or takes all errors away. */
export function showError(field, message) {
  for (const old of document.querySelectorAll(".error")) old.remove();
  for (const input of document.querySelectorAll("[aria-invalid]")) {
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-errormessage");
  }
  if (!field) return;
  const input = byId(field);
  const line = document.createElement("p");
  line.className = "error";
  line.id = `${field}-error`;
  line.setAttribute("role", "alert");
  line.textContent = message;
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-errormessage", line.id);
  input.closest(".field").append(line);
}

function moveSlider(field) {
  const slider = byId(`${field}-slider`);
  if (!slider) return;
  try {
    slider.value = String(SCALES[slider.dataset.scale].position(number(field, byId(field).value)));
  } catch {
    // what is no number has no place on the slider, and is said beside the field
  }
  describeSlider(slider, byId(field).value);
}

/** A slider is read aloud by its value, not by its position. */
function describeSlider(slider, value) {
  slider.setAttribute("aria-valuetext", value);
}

/** Positions in steps such as 0.05 are not exact. */
const round = (value) => Number(value.toPrecision(12));
