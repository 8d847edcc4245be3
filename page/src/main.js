// The page: reads the address, answers at every change, keeps the address up to date.

import { constantsOf, quantitiesOf, showConstants } from "./answers.js";
import { copied } from "./cite.js";
import { fill, listen, showError, showFields } from "./controls.js";
import { CoreError, instantiate, unpack } from "./core.js";
import { Law } from "./law.js";
import { Schemes } from "./schemes.js";
import { FieldError, fieldOf, fromHash, isHomogeneous, toHash } from "./state.js";

const byId = (id) => document.getElementById(id);

/** How long the address waits for the next change, as browsers allow few changes a second. */
const ADDRESS_DELAY = 250;

/** How long it is said that something was copied. */
const COPIED_SHOWN = 1500;

const schemes = new Schemes();
let state = fromHash(location.hash);
let constants;
let core;
let law;
let addressTimer;
let copiedTimer;

/** Shows why there is no answer: beside the field, or above the numbers. */
function explain(error) {
  if (!(error instanceof FieldError || error instanceof CoreError)) throw error;
  const field = error.field ?? fieldOf(error.argument, state);
  const shown = field && byId(field) && !byId(field).closest("[hidden]");
  if (shown) showError(field, inOurWords(error, field));
  byId("trouble").hidden = Boolean(shown);
  byId("trouble").textContent = shown ? "" : error.message;
}

/** The library's sentence with the field's name for the argument's. */
const inOurWords = (error, field) =>
  error instanceof CoreError ? error.message.replace(error.argument, field) : error.message;

/** Runs a part of the answer; false if there is none. */
function attempt(part) {
  try {
    part();
    return true;
  } catch (error) {
    explain(error);
    return false;
  }
}

function update() {
  showFields(state);
  showError();
  byId("trouble").hidden = true;
  byId("law-trouble").hidden = true;
  constants = undefined;
  const found = attempt(() => {
    constants = constantsOf(core, state);
  });
  if (!quantitiesOf(state).includes(state.quantity)) {
    state = { ...state, quantity: "sigma" };
    fill(state);
  }
  showConstants(state, constants);
  const deep = found && isHomogeneous(state) && attempt(() => schemes.show(core, state));
  // until there is an answer the old numbers are pale
  byId("law").classList.add("stale");
  // and where there never was one, there are none
  if (!schemes.asked) byId("law").hidden = true;
  if (deep) askLaw();
  else law?.forget();
  // an address is of a number
  if (found) {
    showCopied();
    clearTimeout(addressTimer);
    addressTimer = setTimeout(writeAddress, ADDRESS_DELAY);
  } else {
    byId("copied").textContent = "";
  }
  for (const button of document.querySelectorAll("[data-copy]")) button.disabled = !found;
}

function askLaw() {
  law?.ask({ ...schemes.asked, growths: schemes.scales.map(([, growth]) => growth) });
}

function takeLaw(answer) {
  if (answer.error === undefined) {
    schemes.take(answer);
    return;
  }
  byId("law").setAttribute("aria-busy", "false");
  const error = new CoreError(answer.error);
  const field = fieldOf(error.argument, state);
  if (field) {
    showError(field, inOurWords(error, field));
  } else {
    byId("law-trouble").hidden = false;
    byId("law-trouble").textContent = answer.error;
  }
}

function writeAddress() {
  clearTimeout(addressTimer);
  const hash = toHash(state);
  if (hash !== location.hash) history.replaceState(null, "", hash);
}

const link = () => location.href.split("#")[0] + toHash(state);

function showCopied() {
  const value = constants[state.quantity];
  byId("copied").textContent = copied(state, value, link());
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // browsers without that interface, or that do not allow it
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const texts = {
      sigma: () => String(constants.sigma),
      text: () => byId("copied").textContent,
      link,
    };
    await copy(texts[button.dataset.copy]());
    button.focus();
    byId("copy-status").textContent = "Copied.";
    button.dataset.done = "true";
    clearTimeout(copiedTimer);
    copiedTimer = setTimeout(() => {
      byId("copy-status").textContent = "";
      for (const done of document.querySelectorAll("[data-done]")) delete done.dataset.done;
    }, COPIED_SHOWN);
  });
}

/** Answers a new state, once there is something to answer with. */
function change(to) {
  state = to;
  if (core) update();
  else showFields(state);
}

listen(change);

addEventListener("hashchange", () => {
  const to = fromHash(location.hash);
  fill(to);
  change(to);
});

// what is still to be written to the address is not lost
addEventListener("pagehide", writeAddress);

fill(state);
showFields(state);
const bytes = unpack(byId("core").textContent);
core = instantiate(bytes);
update();
performance.mark("first-number");
law = new Law(bytes, takeLaw);
if (isHomogeneous(state) && constants) askLaw();
