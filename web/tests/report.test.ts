// The report that stands alone, in Chromium: light, dark, on paper and on a phone, of runs good and bad, opened as a file.
// And the list of runs on the page. Pictures of all of them are left in `out/reports`, to be looked at.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { faults } from "./axe.ts";
import { browser, open } from "./browser.ts";
import { Program, akrida, endAll, folder, freePort, needed, until } from "./processes.ts";
import { target } from "./target.ts";

const QUIET = `
users:
  Nobody:
    wait: { constant: 60s }
    tasks:
      never:
        - sleep: 60s
        - get: /page
`;

const FAILING = `
users:
  Shopper:
    wait: { constant: 50ms }
    tasks:
      fail: { tags: [write], steps: [{ get: /fail }] }
      odd:
        - get: /page
          name: "</script><img src=x onerror=alert(1)>"
`;

/** Each user asks once for each of 500 names, and ends. */
const MANY = `
users:
  Shopper:
    tasks:
      browse:
        tags: [read]
        steps:
${Array.from({ length: 500 }, (_, number) => `          - { get: /page, name: /shop/item-${number} }\n          - sleep: 8ms`).join("\n")}
          - stop: user
`;

const SHAPES = {
  light: { colorScheme: "light", viewport: { width: 1200, height: 900 } },
  dark: { colorScheme: "dark", viewport: { width: 1200, height: 900 } },
  phone: { colorScheme: "light", viewport: { width: 390, height: 800 } },
} as const;

let chromium: Browser;
let host: string;
const reports = new Map<string, string>();

/** Runs a scenario to its end; the file of its report. */
async function report(scenario: string, args: string[]): Promise<string> {
  const place = folder();
  writeFileSync(join(place, "test.yaml"), scenario);
  const all = ["-f", "test.yaml", "-H", host, "--headless", "--html", "report.html", ...args];
  return written(join(place, "report.html"), Program.start(needed("AKRIDA"), all, place));
}

async function written(file: string, program: Program): Promise<string> {
  const whole = (): boolean => existsSync(file) && readFileSync(file, "utf8").endsWith("</html>\n");
  await until(whole, () => `no report at ${file}:\n${program.words}`);
  return file;
}

/** A fleet of which a worker is killed. */
async function lost(): Promise<string> {
  const port = await freePort();
  const place = folder();
  writeFileSync(join(place, "test.yaml"), FAILING);
  const fleet = ["--master", "--master-bind-port", String(port), "--expect-workers", "2", "-u", "6", "-r", "6", "-t", "12s"];
  const args = ["-f", "test.yaml", "-H", host, "--headless", "--html", "report.html", ...fleet];
  const master = Program.start(needed("AKRIDA"), args, place);
  const worker = (): Program =>
    Program.start(needed("AKRIDA"), ["-f", "test.yaml", "--worker", "--master-port", String(port)], place);
  const [, victim] = [worker(), worker()];
  await master.says("All users spawned");
  victim?.signal("SIGKILL");
  return written(join(place, "report.html"), master);
}

before(async () => {
  host = await target();
  const made = [
    ["empty", report(QUIET, ["-u", "1", "-t", "2s"])],
    ["failed", report(FAILING, ["-u", "5", "-r", "5", "-t", "4s"])],
    ["many", report(MANY, ["-u", "5", "-r", "5"])],
    ["lost", lost()],
  ] as const;
  chromium = await browser();
  for (const [name, file] of made) reports.set(name, await file);
  mkdirSync("out/reports", { recursive: true });
});

after(async () => {
  await chromium?.close();
  await endAll();
});

describe("a report", { concurrency: 1 }, () => {
  for (const name of ["empty", "failed", "many", "lost"]) {
    for (const [shape, context] of Object.entries(SHAPES)) {
      it(`of the ${name} run, ${shape}`, async () => {
        const file = reports.get(name);
        assert.ok(file !== undefined);
        const address = pathToFileURL(file).href;
        const { page, done } = await open(chromium, address, { ...context, bypassCSP: true });
        assert.deepEqual(await faults(page), []);
        // Nothing but tables, which scroll by themselves, is wider than the screen.
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        assert.ok(wide <= 0, `${wide} pixels too wide`);
        await page.screenshot({ path: `out/reports/${name}-${shape}.png`, fullPage: name !== "many" });
        await done();
      });
    }

    it(`of the ${name} run, on paper`, async () => {
      const file = reports.get(name);
      assert.ok(file !== undefined);
      const { page, done } = await open(chromium, pathToFileURL(file).href, { colorScheme: "dark" });
      await page.emulateMedia({ media: "print" });
      await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
      const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      assert.equal(ground, "rgb(255, 255, 255)");
      const ink = await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--text").trim());
      assert.equal(ink, "#1c2420", "dark on white");
      await page.screenshot({ path: `out/reports/${name}-print.png`, fullPage: name !== "many" });
      await done();
    });
  }

  it("says how each ended", async () => {
    const said = { empty: "Nothing measured", failed: "Failed", many: "Passed", lost: "Failed" };
    for (const [name, word] of Object.entries(said)) {
      const { page, done } = await open(chromium, pathToFileURL(reports.get(name) ?? "").href);
      assert.equal(await page.locator(".badge").innerText(), word, name);
      await done();
    }
    const { page, done } = await open(chromium, pathToFileURL(reports.get("lost") ?? "").href);
    await page.getByText("fell silent").first().waitFor();
    await done();
  });

  it("has charts that zoom together, tables that sort, and names that are found", async () => {
    const { page, done } = await open(chromium, pathToFileURL(reports.get("many") ?? "").href);
    const chart = page.locator("#charts .u-over").first();
    const box = await chart.boundingBox();
    assert.ok(box !== null);
    const whole = page.getByRole("button", { name: "Show the whole run" });
    assert.ok(await whole.isDisabled());
    await page.mouse.move(box.x + box.width * 0.3, box.y + 50);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.7, box.y + 50, { steps: 5 });
    await page.mouse.up();
    assert.ok(await whole.isEnabled());
    await whole.click();
    assert.ok(await whole.isDisabled());

    const rows = page.locator("table.sortable").first().locator("tbody tr");
    const number = async (at: number): Promise<number> =>
      Number((await rows.nth(at).locator("td").nth(1).innerText()).replaceAll(",", ""));
    await page.locator("table.sortable").first().getByRole("button", { name: "Requests", exact: true }).click();
    const count = await rows.count();
    assert.equal(count, 500);
    assert.ok((await number(0)) >= (await number(1)) && (await number(1)) >= (await number(count - 1)));
    await page.getByLabel("Show names with").fill("item-77");
    assert.equal(await rows.filter({ visible: true }).count(), 1);
    await done();
  });

  it("takes nothing from strangers for markup, and asks for nothing", async () => {
    const { page, done } = await open(chromium, pathToFileURL(reports.get("failed") ?? "").href);
    await page.getByText("</script><img src=x onerror=alert(1)>").first().waitFor();
    assert.equal(await page.locator("img").count(), 0);
    await done();
  });

  it("is small, and opens within a second", async () => {
    const file = reports.get("many") ?? "";
    assert.ok(statSync(file).size < 3_000_000, `${statSync(file).size} bytes`);
    const { page, done } = await open(chromium, pathToFileURL(file).href);
    const took = await page.evaluate(() => performance.now());
    console.log(`opened after ${took.toFixed(0)} ms, ${statSync(file).size} bytes`);
    await page.locator("#charts canvas").first().waitFor();
    await done();
  });

  it("can be read without script", async () => {
    const { page, done } = await open(chromium, pathToFileURL(reports.get("failed") ?? "").href, { javaScriptEnabled: false });
    await page.getByText("The charts need JavaScript").waitFor();
    await page.getByRole("cell", { name: "/fail" }).first().waitFor();
    await done();
  });
});

describe("runs that are kept", { concurrency: 1 }, () => {
  it("are listed, opened, named, laid side by side and deleted", async () => {
    const [port, runs] = [await freePort(), folder()];
    const program = await akrida(port, ["-H", host, "--runs-dir", runs]);
    const base = `http://127.0.0.1:${port}/`;
    const form = { method: "POST", body: new URLSearchParams({ user_count: "3", spawn_rate: "3" }) };
    for (const run of [1, 2]) {
      await fetch(`${base}swarm`, form);
      await program.until(() => readdirSync(runs).length === run);
      const stats = async (): Promise<{ state: string; total: number }> => {
        const { state, stats } = await (await fetch(`${base}stats/requests`)).json();
        return { state, total: stats.at(-1).num_requests };
      };
      // Long enough for a chart.
      await program.until(async () => (await stats()).total > 60);
      await fetch(`${base}stop`);
      await program.until(async () => (await stats()).state === "stopped");
    }
    const { page, done } = await open(chromium, base, { address: `${base}?view=downloads`, bypassCSP: true });
    await page.getByRole("link", { name: "Runs", exact: true }).click();
    const rows = page.locator("table.kept tbody tr");
    assert.equal(await rows.count(), 2);
    assert.deepEqual(await faults(page), []);
    await page.screenshot({ path: "out/reports/runs.png", fullPage: true });
    await rows.first().getByRole("textbox").fill("after <b>the</b> change");
    await rows.first().getByRole("button", { name: "Name" }).click();
    await page.getByRole("link", { name: "after <b>the</b> change" }).waitFor();
    for (const box of await page.getByRole("checkbox").all()) await box.check();
    await page.getByRole("button", { name: "Side by side" }).click();
    await page.getByRole("region", { name: "Figures by name" }).waitFor();
    const judged = page.getByRole("region", { name: "What changed" });
    assert.match((await judged.textContent()) ?? "", /after <b>the<\/b> change compared with [^]*p95 .*too few to tell/);
    assert.deepEqual(await faults(page), []);
    await page.screenshot({ path: "out/reports/compare.png", fullPage: true });
    await page.getByRole("link", { name: "after <b>the</b> change" }).click();
    await page.locator("#charts canvas").first().waitFor();
    await page.locator("canvas#heat").waitFor();
    assert.deepEqual(await faults(page), []);
    await page.goBack();
    await page.getByRole("link", { name: "All runs" }).click();
    await rows.first().getByText("Delete", { exact: true }).click();
    await rows.first().getByRole("button", { name: /for good/ }).click();
    await page.getByText("The run is deleted").waitFor();
    assert.equal(await rows.count(), 1);
    assert.equal(readdirSync(runs).length, 1, "its name is gone too");
    await done();
  });

  it("are not for other sites", async () => {
    const [port, runs] = [await freePort(), folder()];
    await akrida(port, ["-H", host, "--runs-dir", runs]);
    const base = `http://127.0.0.1:${port}/`;
    for (const path of ["run-delete", "run-name", "api/v1/runs/delete"]) {
      const body = new URLSearchParams({ id: "../x", name: "x" });
      const strange = await fetch(base + path, { method: "POST", body, headers: { Origin: "https://evil.example" } });
      assert.equal(strange.status, 403, path);
    }
    const outside = await fetch(`${base}api/v1/runs/delete`, { method: "POST", body: new URLSearchParams({ id: "../x" }) });
    assert.equal(outside.status, 404);
  });
});
