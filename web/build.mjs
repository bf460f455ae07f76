// Bundles src/ into ../appliance/ui/static: hashed names, manifest.json, THIRD_PARTY.txt.
// `--watch` builds again on every change; `--outdir DIR` writes elsewhere.
import { context } from "esbuild";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: { watch: { type: "boolean" }, outdir: { type: "string" } },
});
const outdir = resolve(options.outdir ?? join(here, "..", "appliance", "ui", "static"));

/** Newest output of each kind of bundle; together they make the manifest. */
const built = new Map();

const common = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  metafile: true,
  outdir,
  target: ["chrome123", "firefox120", "safari17.5"],
  legalComments: "none",
  logLevel: "warning",
};

// What only one page needs: `styles/pages/logs.css` becomes `page-logs.css`.
const pageStyles = Object.fromEntries(
  (await readdir(join(here, "src", "styles", "pages"))).filter((name) => name.endsWith(".css")).map((name) => [`page-${name.slice(0, -4)}`, `src/styles/pages/${name}`]),
);

const bundles = {
  pages: {
    ...common,
    entryPoints: { main: "src/main.tsx", style: "src/styles/main.css", ...pageStyles, favicon: "src/assets/favicon.svg", icons: "src/assets/icons.svg" },
    entryNames: "[name]-[hash]",
    chunkNames: "chunk-[name]-[hash]",
    loader: { ".svg": "copy" },
    format: "esm",
    splitting: true,
    jsx: "automatic",
    jsxImportSource: "preact",
  },
  // Runs before the first paint, hence no module: sets the theme that was chosen earlier.
  early: { ...common, entryPoints: { theme: "src/page/early.ts" }, entryNames: "[name]-[hash]", format: "iife" },
};

/** Writes what depends on all bundles, and removes the outputs of earlier builds. */
async function finish() {
  if (built.size < Object.keys(bundles).length) return;
  const outputs = [...built.values()].flatMap((meta) => Object.entries(meta.outputs));
  const files = {};
  for (const [path, output] of outputs) {
    const name = output.entryPoint && basename(path).replace(/-[A-Z0-9]{8}(?=\.)/, "");
    if (name) files[name] = basename(path);
  }
  const inputs = [...built.values()].flatMap((meta) => Object.keys(meta.inputs));
  await writeFile(join(outdir, "THIRD_PARTY.txt"), await licences(inputs));
  const temporary = join(outdir, "manifest.json.new");
  await writeFile(temporary, JSON.stringify({ files: sorted(files) }, null, 1) + "\n");
  await rename(temporary, join(outdir, "manifest.json"));
  const keep = new Set(["manifest.json", "THIRD_PARTY.txt", ".sources.sha256", ...outputs.map(([path]) => basename(path))]);
  for (const name of await readdir(outdir)) if (!keep.has(name)) await rm(join(outdir, name));
  await report(outputs.map(([path]) => basename(path)));
}

/** Text of the licence of every package that a bundle contains. */
async function licences(inputs) {
  const names = new Set();
  for (const input of inputs) {
    const parts = relative(here, resolve(here, input)).split(sep);
    const at = parts.lastIndexOf("node_modules");
    if (at >= 0) names.add(parts[at + 1].startsWith("@") ? parts.slice(at + 1, at + 3).join("/") : parts[at + 1]);
  }
  let text = "The files beside this one contain code of these packages.\n";
  for (const name of [...names].sort()) {
    const folder = join(here, "node_modules", name);
    const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const file = licenceFile(folder);
    if (!license || !file) throw new Error(`${name} ${version} states no licence`);
    text += `\n${"=".repeat(80)}\n${name} ${version} (${license})\n\n${await readFile(file, "utf8")}`;
  }
  return text;
}

function licenceFile(folder) {
  return ["LICENSE", "LICENSE.md", "LICENCE", "LICENSE.txt"].map((name) => join(folder, name)).find(existsSync);
}

async function report(names) {
  const rows = [];
  let total = 0;
  for (const name of names.sort()) {
    const data = await readFile(join(outdir, name));
    const packed = gzipSync(data).length;
    total += packed;
    rows.push(`  ${name.padEnd(30)} ${String(data.length).padStart(7)} B ${String(packed).padStart(7)} B gzip`);
  }
  console.log(`${rows.join("\n")}\n  ${"total".padEnd(30)} ${"".padStart(9)} ${String(total).padStart(7)} B gzip`);
}

const sorted = (files) => Object.fromEntries(Object.entries(files).sort());

await mkdir(outdir, { recursive: true });
for (const [name, settings] of Object.entries(bundles)) {
  const record = {
    name: "record",
    setup: (build) =>
      build.onEnd(async (result) => {
        if (result.errors.length || !result.metafile) return;
        built.set(name, result.metafile);
        await finish();
      }),
  };
  const bundle = await context({ ...settings, plugins: [record] });
  if (options.watch) await bundle.watch();
  else {
    await bundle.rebuild();
    await bundle.dispose();
  }
}
