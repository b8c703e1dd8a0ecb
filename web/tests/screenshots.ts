// Pictures of each view, light, dark and on a phone. Run by `cargo xtask screenshots`: a few of them are the guide's, in
// docs/images, all are in `out/screenshots` beside this bundle, to be looked at.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { browser } from "./browser.ts";
import { akrida, endAll, freePort, needed } from "./processes.ts";
import { target } from "./target.ts";

const VIEWS = ["start", "statistics", "charts", "failures", "exceptions", "tasks", "workers", "logs", "downloads"];

const MODES = {
  light: { colorScheme: "light", viewport: { width: 1200, height: 760 } },
  dark: { colorScheme: "dark", viewport: { width: 1200, height: 760 } },
  phone: { colorScheme: "light", viewport: { width: 390, height: 760 } },
} as const;

/** Those of the guide. */
const GUIDE = ["start-light", "statistics-light", "charts-dark", "statistics-phone"];

/** Seconds of the run that the charts show. */
const COURSE = 45;

const SHOP = `
users:
  Shopper:
    weight: 3
    wait: { between: [200ms, 800ms] }
    tasks:
      browse:
        weight: 4
        tags: [read]
        steps:
          - get: /page
            name: /
          - get: /page?item={{ random.randint(1, 100) }}
            name: /item
      buy:
        tags: [write]
        steps:
          - post: /page
            name: /cart
          - post: "/{{ 'fail' if random.random() < 0.02 else 'page' }}"
            name: /checkout
  Admin:
    wait: { between: [1s, 2s] }
    tasks:
      look:
        - get: /page
          name: /admin/orders
`;

const chromium = await browser();
try {
  await pictures(chromium);
} finally {
  await chromium.close();
  await endAll();
}

async function pictures(chromium: Browser): Promise<void> {
  const all = join("out", "screenshots");
  const guide = needed("AKRIDA_IMAGES");
  for (const folder of [all, guide]) mkdirSync(folder, { recursive: true });
  const [web, port] = [await freePort(), await freePort()];
  const host = await target();
  await akrida(web, ["--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", String(port), "-H", host], "web", SHOP);
  const joins = ["--worker", "--master-host", "127.0.0.1", "--master-port", String(port)];
  await Promise.all([akrida(0, joins, "worker", SHOP), akrida(0, joins, "worker", SHOP)]);
  const base = `http://127.0.0.1:${web}/`;
  const page = await chromium.newPage();
  await page.goto(base);
  await page.locator(".figures", { hasText: /Workers\s*2/ }).waitFor();
  const headers = { "Content-Type": "application/json" };
  const start = JSON.stringify({ users: 60, spawn_rate: 2, run_time: "20m" });
  const shoot = async (view: string, mode: keyof typeof MODES): Promise<void> => {
    const context = await chromium.newContext(MODES[mode]);
    const page = await context.newPage();
    await page.goto(`${base}?view=${view}`);
    await page.locator("footer", { hasText: "Figures come" }).waitFor();
    if (view === "charts") await page.locator(".plot canvas").nth(3).waitFor();
    // A frame for the charts.
    await page.waitForTimeout(300);
    const name = `${view}-${mode}`;
    const picture = await webp(page, await page.screenshot());
    writeFileSync(join(all, `${name}.webp`), picture);
    if (GUIDE.includes(name)) writeFileSync(join(guide, `${name}.webp`), picture);
    await context.close();
  };
  // The form as it is before a run.
  for (const mode of Object.keys(MODES) as (keyof typeof MODES)[]) await shoot("start", mode);
  await fetch(`${base}api/v1/swarm`, { method: "POST", headers, body: start });
  await page.waitForTimeout(COURSE * 1_000);
  for (const mode of Object.keys(MODES) as (keyof typeof MODES)[]) {
    for (const view of VIEWS.filter((view) => view !== "start")) await shoot(view, mode);
  }
}

/** A picture in a form that is a quarter as large; the browser knows how. */
async function webp(page: Page, png: Buffer): Promise<Buffer> {
  const blank = await page.context().newPage();
  const address = await blank.evaluate(async (png) => {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.width, image.height];
    canvas.getContext("2d")?.drawImage(image, 0, 0);
    return canvas.toDataURL("image/webp", 0.85);
  }, png.toString("base64"));
  await blank.close();
  return Buffer.from(address.split(",")[1] ?? "", "base64");
}
