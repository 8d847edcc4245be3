// Makes the page from its sources: one file, which needs nothing besides.
// node assemble.mjs CORE.wasm [OUTPUT.html]; a page (.html) instead of CORE.wasm gives its core.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const here = (path) => new URL(path, import.meta.url);
const text = (path) => readFileSync(here(path), "utf8");

const [from, output = here("index.html").pathname] = process.argv.slice(2);
if (!from) throw new Error("which core? node assemble.mjs CORE.wasm");

const VERSION = text("../Cargo.toml").match(/^version = "(.*)"/m)[1];

async function bundle(entry, define) {
  const { outputFiles } = await build({
    entryPoints: [here(entry).pathname],
    bundle: true,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    write: false,
    define,
  });
  return outputFiles[0].text;
}

const worker = await bundle("src/worker.js", {});
const script = await bundle("src/main.js", {
  __VERSION__: JSON.stringify(VERSION),
  __WORKER__: JSON.stringify(worker),
});
if (/<\/script/i.test(script)) throw new Error("the script would end early");

const style = ["page", "form", "numbers", "law"].map((name) => text(`src/style/${name}.css`)).join("\n");
const sha = (content) => `'sha256-${createHash("sha256").update(content).digest("base64")}'`;
// no network at all, no script but these
const policy = [
  "default-src 'none'",
  `script-src ${sha(script)} 'wasm-unsafe-eval' blob:`,
  "worker-src blob:",
  "style-src 'unsafe-inline'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const values = { version: VERSION, policy, style, script, core: packed(from) };
// once through the template: what is filled in may look like a placeholder itself
const page = text("src/index.html").replace(/\{\{(\w+)\}\}/g, (_, name) => values[name]);
writeFileSync(output, page);
console.log(`${output}: ${page.length} characters, core ${values.core.length}`);

/** The core as text; of a page the one that it has. */
function packed(path) {
  const bytes = readFileSync(path);
  return path.endsWith(".html")
    ? bytes.toString("utf8").match(/id="core">([^<]*)</)[1]
    : bytes.toString("base64");
}
