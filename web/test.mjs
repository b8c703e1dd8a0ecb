// Runs the browser tests with a real binary: `node test.mjs AKRIDA LOCUST [NAME]`, in a folder with all packages, where
// AKRIDA is the program, and LOCUST the folder of an environment with Locust. NAME chooses tests.

import { mkdirSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { build } from "esbuild";

const [akrida, locust, name] = process.argv.slice(2);
if (akrida === undefined || locust === undefined) throw new Error("node test.mjs AKRIDA LOCUST [NAME]");

mkdirSync("out", { recursive: true });
await build({
  entryPoints: ["page.test.ts", "rescale.test.ts", "report.test.ts", "units.test.ts", "measure.ts", "screenshots.ts"].map(
    (file) => `tests/${file}`,
  ),
  outdir: "out",
  outExtension: { ".js": ".mjs" },
  bundle: true,
  packages: "external",
  platform: "node",
  format: "esm",
  target: "node20",
  sourcemap: "inline",
});
const program = { measure: ["out/measure.mjs"], screenshots: ["out/screenshots.mjs"] }[name ?? ""] ?? [
  "--test",
  "--test-reporter=spec",
  ...(name === undefined ? [] : [`--test-name-pattern=${name}`]),
  "out/units.test.mjs",
  "out/page.test.mjs",
  "out/rescale.test.mjs",
  "out/report.test.mjs",
];
const env = { ...process.env, AKRIDA: akrida, LOCUST: locust };
const ended = spawnSync(process.execPath, ["--enable-source-maps", ...program], { stdio: "inherit", env });
process.exit(ended.status ?? 1);
