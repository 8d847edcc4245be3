// The page in Chromium: every control, what is copied, the address, errors, no network, accessibility.
// node test/browser.mjs [PAGE.html]; CHROMIUM names the browser if it is not at a usual place.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { instantiate, unpack } from "../src/core.js";

const path = process.argv[2] ?? new URL("../index.html", import.meta.url).pathname;
const page_ = pathToFileURL(path).href;
const core = instantiate(unpack(readFileSync(path, "utf8").match(/id="core">([^<]*)</)[1]));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = process.env.CHROMIUM ?? usual.find((candidate) => existsSync(candidate));
// as root, as in containers, Chromium runs without its sandbox only
const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });

/** Opens the page; what it says on the console and what it asks of the network is a failure. */
async function open(hash = "", options = {}) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
  const page = await context.newPage();
  page.complaints = [];
  page.started = 0;
  page.on("worker", () => { page.started += 1; });
  page.on("console", (message) => page.complaints.push(message.text()));
  page.on("pageerror", (error) => page.complaints.push(error.message));
  page.on("request", (request) => {
    const own = request.url().startsWith("file:") || /^(data|blob):/.test(request.url());
    if (!own) page.complaints.push(`asks for ${request.url()}`);
  });
  await page.goto(page_ + hash);
  return page;
}

async function close(page) {
  assert.deepEqual(page.complaints, []);
  await page.context().close();
}

const settled = (page) => page.waitForSelector("#law[aria-busy=false]", { state: "attached", timeout: 60_000 });
const sigma = (page) => page.locator("#sigma").innerText();
const shown = (x) => String(x).replace(/^-/, "−").replace("e-", "e−");
/** σ of the core, with the numbers of a layer that differ from ReLU, 64 units, s = 1. */
const expected = (changes, key = "sigma") => {
  const row = [1, 0, 0, 1, 0, 0, 64, 64, 1];
  for (const [place, value] of Object.entries(changes)) row[place] = value;
  return shown(core.constants(row)[key]);
};
const [KIND, SLOPE, UPPER, KEEP, MASKS, WEIGHTS, INPUTS, WIDTH, ORDER] = Array(9).keys();

const tests = {
  async "the first number is there within 0.3 s"() {
    const times = [];
    for (let i = 0; i < 5; i += 1) {
      const page = await open();
      await page.waitForFunction(() => performance.getEntriesByName("first-number").length > 0);
      times.push(await page.evaluate(() => performance.getEntriesByName("first-number")[0].startTime));
      assert.equal(await sigma(page), expected({}));
      await close(page);
    }
    times.sort((a, b) => a - b);
    console.log(`    five loads: ${times.map((t) => t.toFixed(0)).join(", ")} ms`);
    // what else the machine does can only delay it
    assert.ok(times[0] < 300);
  },

  async "every field changes the numbers to the core's"() {
    const page = await open();
    const is = async (changes) => assert.equal(await sigma(page), expected(changes));
    await page.fill("#width", "256");
    await is({ [WIDTH]: 256, [INPUTS]: 256 });
    await page.fill("#fan-in", "784");
    await is({ [WIDTH]: 256, [INPUTS]: 784 });
    await page.fill("#s", "1/2");
    await is({ [WIDTH]: 256, [INPUTS]: 784, [ORDER]: 0.5 });
    await page.fill("#keep", "0.9");
    await is({ [WIDTH]: 256, [INPUTS]: 784, [ORDER]: 0.5, [KEEP]: 0.9 });
    await page.check("input[name=masks][value=plain]");
    await is({ [WIDTH]: 256, [INPUTS]: 784, [ORDER]: 0.5, [KEEP]: 0.9, [MASKS]: 1 });
    await page.check("input[name=weights][value=orthogonal]");
    const all = { [WIDTH]: 256, [INPUTS]: 784, [ORDER]: 0.5, [KEEP]: 0.9, [MASKS]: 1, [WEIGHTS]: 1 };
    await is(all);
    for (const key of ["gain", "growth", "variance", "dead"]) {
      assert.equal(await page.locator(`#${key}`).innerText(), expected(all, key));
    }
    await page.selectOption("#activation", "leaky-relu");
    await page.fill("#slope", "0.2");
    await is({ ...all, [KIND]: 2, [SLOPE]: 0.2 });
    await page.selectOption("#activation", "rrelu");
    await page.fill("#lower", "0.1");
    await page.fill("#upper", "0.4");
    await is({ ...all, [KIND]: 3, [SLOPE]: 0.1, [UPPER]: 0.4 });
    await page.selectOption("#activation", "linear");
    await is({ ...all, [KIND]: 0 });
    await close(page);
  },

  async "other activations have gains at a level"() {
    const page = await open();
    await page.selectOption("#activation", "gelu");
    const [[scale, gain, stability]] = core.gains([0, 1, 64, 64, 1, 1]);
    assert.equal(await page.locator("#gain").innerText(), shown(gain));
    assert.equal(await page.locator("#stability").innerText(), shown(stability));
    assert.equal(await sigma(page), shown(scale));
    assert.ok(await page.locator("#law").isHidden());
    assert.ok(await page.locator("#depth").isHidden());
    await page.selectOption("#activation", "elu");
    await page.fill("#alpha", "0.5");
    await page.fill("#level", "2");
    await page.fill("#s", "2");
    assert.equal(await page.locator("#gain").innerText(), shown(core.gains([3, 0.5, 64, 64, 2, 2])[0][1]));
    // tanh has no level of 1
    await page.selectOption("#activation", "tanh");
    assert.match(await page.locator("#level-error").innerText(), /^level is 2\.0; it must be below 1/);
    await close(page);
  },

  async "sliders move numbers, and numbers sliders, from the keyboard alone"() {
    const page = await open();
    await page.locator("#width-slider").focus();
    await page.keyboard.press("ArrowRight");
    assert.equal(await page.inputValue("#width"), "70");
    assert.equal(await page.getAttribute("#width-slider", "aria-valuetext"), "70");
    assert.equal(await sigma(page), expected({ [WIDTH]: 70, [INPUTS]: 70 }));
    await page.fill("#width", "128");
    assert.equal(await page.inputValue("#width-slider"), "56");
    for (const [slider, field, value] of [["s", "s", "1.05"], ["keep", "keep", "0.95"], ["depth", "depth", "56"], ["epsilon", "epsilon", "0.03"]]) {
      await page.locator(`#${slider}-slider`).focus();
      await page.keyboard.press(slider === "keep" ? "ArrowLeft" : "ArrowRight");
      assert.equal(await page.inputValue(`#${field}`), value);
    }
    await settled(page);
    assert.equal(await page.locator("#law-depth").innerText(), "56");
    // every control is reached with Tab
    await page.locator("body").click({ position: { x: 2, y: 2 } });
    const reached = new Set();
    for (let i = 0; i < 40; i += 1) {
      await page.keyboard.press("Tab");
      reached.add(await page.evaluate(() => document.activeElement.id || document.activeElement.name || document.activeElement.dataset.copy));
    }
    for (const control of ["activation", "width", "width-slider", "fan-in", "s", "s-slider", "weights", "keep", "masks", "depth", "epsilon", "quantity", "form", "copied", "text", "link", "sigma"]) {
      assert.ok(reached.has(control), `${control} is reached with Tab`);
    }
    await close(page);
  },

  async "the law at depth is the library's"() {
    for (const [hash, row, depth, epsilon] of [
      ["#width=64", [1, 0, 0, 1, 0, 0, 64, 64, 1], 50, 0.01],
      ["#activation=relu&width=4&s=0.5&keep=0.8&depth=20&epsilon=0.001", [1, 0, 0, 0.8, 0, 0, 4, 4, 0.5], 20, 1e-3],
      // no table: few orthogonal units
      ["#activation=relu&width=4&weights=orthogonal&depth=3&epsilon=0.1", [1, 0, 0, 1, 0, 1, 4, 4, 1], 3, 0.1],
    ]) {
      const page = await open(hash);
      await settled(page);
      const stack = core.stack(row, depth);
      const [low, median, high] = core.quantiles([0.05, 0.5, 0.95]);
      const near = (text, x, digits) => {
        const [, mantissa, exponent] = text.replaceAll("−", "-").match(/^([\d.]+)(?: × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?/);
        const power = exponent ? [...exponent].map((c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(c)).map((i) => (i === 0 ? "-" : i - 1)).join("") : "0";
        const value = Number(mantissa) * 10 ** Number(power);
        assert.ok(Math.abs(value / x - 1) < 10 ** (1 - digits), `${text} for ${x}`);
      };
      const rows = await page.locator("#rows tr:visible").all();
      assert.equal(rows.length, 7);
      for (const [i, [sigma, growth]] of core.schemes(row).entries()) {
        const shift = depth * (growth - stack.growth);
        near(await rows[i].locator(".sigma").innerText(), sigma, 6);
        near(await rows[i].locator(".typical span").innerText(), Math.exp(median + shift), 3);
        const [from, to] = (await rows[i].locator("small").innerText()).split(" … ");
        near(from, Math.exp(low + shift), 2);
        near(to, Math.exp(high + shift), 2);
        const below = core.below(epsilon, [shift])[0];
        const text = await rows[i].locator(".below").innerText();
        if (text.startsWith("1 − ")) near(text.slice(4), 1 - below, 2);
        else near(text, text.endsWith("%") ? 100 * below : below, 2);
        // the densities are drawn, and the chosen scheme's median stands where it belongs
        assert.ok((await rows[i].locator("svg path.law").getAttribute("d")).length > 200);
      }
      const [tick0, tick1] = await page.locator("#ticks span").evaluateAll((ticks) =>
        [ticks[0], ticks.at(-1)].map((t) => [parseFloat(t.style.left), t.textContent]));
      const log = (label) => {
        const power = label.match(/^10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)$/)?.[1];
        return power ? Number([...power].map((c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(c)).map((i) => (i ? i - 1 : "-")).join("")) : Math.log10(Number(label));
      };
      const perDecade = (tick1[0] - tick0[0]) / (log(tick1[1]) - log(tick0[1]));
      const shift = depth * (core.schemes(row)[0][1] - stack.growth);
      const place = tick0[0] + perDecade * ((median + shift) / Math.LN10 - log(tick0[1]));
      const drawn = Number(await rows[0].locator("svg line.median").getAttribute("x1")) / 10;
      assert.ok(Math.abs(place - drawn) < 0.1, `the median is drawn at ${drawn} %, belongs to ${place} %`);
      await close(page);
    }
  },

  async "the newest question is answered, however fast they come"() {
    const page = await open();
    for (const depth of [10, 20, 30, 40, 60, 70, 80]) await page.fill("#depth", String(depth));
    await page.fill("#width", "32");
    await settled(page);
    const stack = core.stack([1, 0, 0, 1, 0, 0, 32, 32, 1], 80);
    const [, growth] = core.schemes([1, 0, 0, 1, 0, 0, 32, 32, 1])[2];
    const median = Math.exp(core.quantiles([0.5])[0] + 80 * (growth - stack.growth));
    const text = await page.locator("[data-scheme=he] .typical span").innerText();
    assert.equal(text, Number(median.toPrecision(3)).toString());
    await close(page);
  },

  async "a question that takes seconds does not hold up the next"() {
    const page = await open("#activation=rrelu&lower=-0.3&upper=1&keep=0.5&width=2&depth=2");
    // the first is at work by now
    await page.waitForTimeout(300);
    await page.fill("#width", "1000");
    await page.fill("#depth", "100");
    await settled(page);
    assert.equal(page.started, 2, "a worker was started in place of the first");
    for (let i = 0; page.workers().length > 1 && i < 100; i += 1) await page.waitForTimeout(100);
    assert.equal(page.workers().length, 1, "the first was ended");
    assert.equal(await page.locator("#law-depth").innerText(), "100");
    const row = [3, -0.3, 1, 0.5, 0, 0, 1000, 1000, 1];
    const stack = core.stack(row, 100);
    const median = Math.exp(core.quantiles([0.5])[0] + 100 * (core.constants(row).growth - stack.growth));
    const text = await page.locator("[data-scheme=fractional] .typical span").innerText();
    assert.equal(Number(text), Number(median.toPrecision(3)));
    await close(page);
  },

  async "every text is copied as it is shown"() {
    const page = await open("#activation=leaky-relu&slope=0.1&width=64&fan-in=784&s=1/2&keep=0.9");
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
    const starts = {
      number: /^[-\d.e]+$/,
      latex: /^\\newcommand\{\\isomoment[a-z]+\}\{\\num\{[-\d.e]+\}\} % Leaky ReLU, \$a = 0.1\$, keep \$0.9\$, fan-in \$784\$, \$s = 0.5\$, \$d = 64\$/,
      python: /^import isomoment\n\nlaw = isomoment\.LayerLaw\(64, "leaky-relu", slope=0\.1, keep=0\.9, fan_in=784\)\n/,
      rust: /^use isomoment::\{Activation, Dropout, LayerLaw\};\n\nlet law = LayerLaw::with_dropout\(/,
      bibtex: /^@misc\{isomoment,[^]*@inproceedings\{gurbuzbalaban2021fractional,/,
      command: /^isomoment constants --activation leaky-relu --slope 0\.1 --moment 1\/2 --fan-in 784 --fan-out 64 --keep 0\.9 --dropout inverted$/,
    };
    for (const quantity of ["sigma", "gain", "growth", "variance", "dead"]) {
      await page.check(`input[name=quantity][value=${quantity}]`);
      const value = (await page.locator(`#${quantity}`).innerText()).replaceAll("−", "-");
      for (const [form, start] of Object.entries(starts)) {
        await page.check(`input[name=form][value=${form}]`);
        await page.evaluate(() => document.querySelector("[data-done]")?.removeAttribute("data-done"));
        await page.click("[data-copy=text]");
        await page.waitForSelector("[data-copy=text][data-done]");
        const text = await clipboard();
        assert.equal(text, await page.locator("#copied").textContent());
        assert.match(text, start);
        if (form !== "command") assert.ok(text.includes(value), `${form} has ${value}: ${text}`);
        if (form === "number") assert.equal(text, value);
      }
    }
    await page.click("[data-copy=sigma]");
    await page.waitForSelector("[data-copy=sigma][data-done]");
    assert.equal(await clipboard(), await sigma(page));
    assert.equal(await page.locator("#copy-status").innerText(), "Copied.");
    await close(page);
  },

  async "a link restores the page"() {
    const page = await open();
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.selectOption("#activation", "rrelu");
    await page.fill("#lower", "0.2");
    await page.fill("#width", "1e3");
    await page.fill("#s", "3/4");
    await page.fill("#depth", "12");
    await page.check("input[name=weights][value=orthogonal]");
    await page.check("input[name=quantity][value=growth]");
    await page.check("input[name=form][value=rust]");
    await page.click("[data-copy=link]");
    await page.waitForSelector("[data-copy=link][data-done]");
    const link = await page.evaluate(() => navigator.clipboard.readText());
    await page.waitForFunction((address) => location.href === address, link);
    const state = () => page.evaluate(() =>
      [...document.querySelectorAll("input:not([type=radio]), select")].map((e) => [e.id, e.value])
        .concat([...document.querySelectorAll("input:checked")].map((e) => [e.name, e.value])));
    const [before, value, text] = [await state(), await sigma(page), await page.locator("#copied").textContent()];
    await page.goto("about:blank");
    await page.goto(link);
    assert.deepEqual(await state(), before);
    assert.equal(await sigma(page), value);
    assert.equal(await page.locator("#copied").textContent(), text);
    // a link that is opened over the page, and one with nonsense
    await page.evaluate(() => { location.hash = "#activation=linear&width=8&s=2"; });
    await page.waitForFunction((wanted) => document.querySelector("#sigma").textContent === wanted,
      expected({ [KIND]: 0, [WIDTH]: 8, [INPUTS]: 8, [ORDER]: 2 }));
    await page.evaluate(() => { location.hash = "#activation=nothing&color=blue&s=%3Cb%3E"; });
    await page.waitForSelector("#s-error");
    assert.match(await page.locator("#s-error").innerText(), /^“<b>” is not a number/);
    assert.equal(await page.inputValue("#activation"), "relu");
    await close(page);
  },

  async "what has no value is said beside its field, in one line"() {
    const page = await open();
    for (const [field, wrong, message] of [
      ["width", "0", /^width is 0; it must be an integer from 1 to 9007199254740992$/],
      ["width", "6.5", /^width is 6\.5; it must be an integer/],
      ["width", "", /^nothing is not a number/],
      ["fan-in", "-3", /^fan-in is -3; it must be an integer/],
      ["s", "one", /^“one” is not a number; write one such as 0\.5, 1\/3 or 1e3$/],
      ["s", "-1", /^s is -1\.0; it must be above 0 and at most 8$/],
      ["s", "1/0", /^“1\/0” is not a number/],
      ["keep", "1.5", /^keep is 1\.5; it must be a probability from 1e-100 to 1$/],
      ["depth", "0", /^depth is 0; it must be an integer/],
      ["epsilon", "-1", /^epsilon is -1; it must be at least 0$/],
    ]) {
      const before = await page.inputValue(`#${field}`);
      await page.fill(`#${field}`, wrong);
      const error = page.locator(`#${field}-error`);
      await error.waitFor();
      assert.match(await error.innerText(), message);
      assert.equal(await page.locator(".error").count(), 1);
      assert.equal(await page.getAttribute(`#${field}`, "aria-invalid"), "true");
      assert.equal(await page.getAttribute(`#${field}`, "aria-errormessage"), `${field}-error`);
      await page.fill(`#${field}`, before);
      await error.waitFor({ state: "detached" });
      assert.equal(await sigma(page), expected({}));
    }
    await close(page);
  },

  async "no accessibility rule of axe is broken, and nothing is wider than a phone"() {
    for (const colorScheme of ["light", "dark"]) {
      // colours are the same at every width
      for (const width of colorScheme === "light" ? [1200, 390, 320] : [1200]) {
        for (const hash of ["", "#activation=gelu&width=16", "#activation=relu&width=4&keep=0.5&depth=9", "#width=nine"]) {
          const page = await open(hash, { colorScheme, viewport: { width, height: 800 }, bypassCSP: true });
          if (!hash.includes("gelu") && !hash.includes("nine")) await settled(page);
          await page.evaluate(axe);
          const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
          const found = violations.map((v) => `${v.id}: ${v.help} (${v.nodes.map((n) => n.target).slice(0, 3).join(" ")})`);
          assert.deepEqual(found, [], `${width} px, ${colorScheme}, ${hash}`);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(wide <= 0, `${wide} px wider than ${width} px, ${hash}`);
          await close(page);
        }
      }
    }
  },

  async "formulas are MathML, and every control has a name"() {
    const page = await open();
    await settled(page);
    assert.ok((await page.locator("math").count()) > 20);
    const tree = await page.locator("body").ariaSnapshot();
    for (const name of ['combobox "Activation"', 'slider "Width, slider"', 'radio "Gaussian"', 'button "Copy σ"', 'table "Schemes side by side', 'rowheader "He"']) {
      assert.ok(tree.includes(name), `a screen reader finds ${name}`);
    }
    await close(page);
  },
};

let failed = 0;
const only = process.env.ONLY;
for (const [name, test] of Object.entries(tests)) {
  if (only && !name.includes(only)) continue;
  const started = Date.now();
  try {
    await test();
    console.log(`ok  ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed += 1;
    console.error(`✗   ${name}\n${error.stack}`);
  }
}
await browser.close();
process.exitCode = failed > 0 ? 1 : 0;
