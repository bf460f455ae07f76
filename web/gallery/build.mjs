// Builds the gallery of charts, for tests and benchmarks: `node gallery/build.mjs DIR`. It is no part of the product.
import { build } from "esbuild";
import { copyFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const outdir = resolve(process.argv[2] ?? "gallery-out");
const common = { absWorkingDir: join(here, ".."), bundle: true, minify: true, outdir, target: ["chrome123"], logLevel: "warning", loader: { ".svg": "file" } };
await build({ ...common, entryPoints: { gallery: "gallery/gallery.tsx" }, format: "esm", splitting: true, jsx: "automatic", jsxImportSource: "preact" });
await build({ ...common, entryPoints: { style: "src/styles/main.css", gallery: "gallery/gallery.css" } });
await copyFile(join(here, "index.html"), join(outdir, "index.html"));
