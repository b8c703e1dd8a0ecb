// Makes the bundle: `node build.mjs FOLDER`. Each file is named after what is in it, so browsers may keep it for ever,
// and stands there plain, as gzip and as brotli. `assets.txt` lists them: name in the sources, name in the bundle.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const folder = process.argv[2];
if (folder === undefined) throw new Error("node build.mjs FOLDER");
const here = fileURLToPath(new URL(".", import.meta.url));

const bundle = await build({
  absWorkingDir: here,
  entryPoints: { app: "src/main.tsx", theme: "src/theme.ts", style: "src/styles/all.css", report: "src/report.ts", "report-style": "src/styles/report.css" },
  outdir: "out",
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome111", "firefox113", "safari16.4"],
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  banner: { js: "/* Akrida; with Preact and uPlot, both MIT. */" },
  write: false,
});

const files = [
  ...bundle.outputFiles.map((file) => [basename(file.path), Buffer.from(file.contents)]),
  ["icon.svg", readFileSync(join(here, "src/icon.svg"))],
];
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const list = files.map(([name, contents]) => {
  const hash = createHash("sha256").update(contents).digest("hex").slice(0, 12);
  const kind = extname(name);
  const named = `${basename(name, kind)}-${hash}${kind}`;
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: contents.length };
  writeFileSync(join(folder, named), contents);
  writeFileSync(join(folder, `${named}.gz`), gzipSync(contents, { level: 9 }));
  writeFileSync(join(folder, `${named}.br`), brotliCompressSync(contents, { params }));
  return `${name} ${named}\n`;
});
writeFileSync(join(folder, "assets.txt"), list.sort().join(""));
