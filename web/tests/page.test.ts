// The page with the real binary, in Chromium: the same suite at every place where the page may be.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { browser, figure, figureIs, open } from "./browser.ts";
import { faults } from "./axe.ts";
import { locustsPage } from "./locust.ts";
import { type Place, places } from "./places.ts";
import { akrida, endAll, freePort } from "./processes.ts";
import { target } from "./target.ts";

let chromium: Browser;
let all: Place[];
let host: string;

before(async () => {
  host = await target();
  [chromium, all] = await Promise.all([browser(), places(host)]);
});

after(async () => {
  await chromium?.close();
  await endAll();
});

/** Places by the master that they share, which runs one test after the other. */
const MASTERS = [
  ["at the root", "where X-Forwarded-Prefix tells"],
  ["behind a proxy that strips /locust", "behind a proxy that passes /locust"],
  ["behind TLS at /a/b/locust, with a login"],
];

describe("everywhere", { concurrency: MASTERS.length }, () => {
  for (const names of MASTERS) {
    describe(names.length === 1 ? "one place" : "two places", { concurrency: 1 }, () => {
      for (const name of names) everywhere(name);
    });
  }
});

/** What holds wherever the page is. */
function everywhere(name: string): void {
  describe(name, { concurrency: 1 }, () => {
    const place = (): Place => {
      const found = all.find((place) => place.name === name);
      assert.ok(found !== undefined);
      return found;
    };

    it("a swarm lives by mouse, also without a slash at the end, and a reload keeps the charts", async () => {
      const { base } = place();
      const { page, done } = await open(chromium, base, { address: base.slice(0, -1) });
      await logIn(page, place());
      await start(page, 5);
      await figureIs(page, "Users", /^5$/);
      await page.getByRole("cell", { name: "/page" }).first().waitFor();
      // What workers say is text.
      await page.getByRole("cell", { name: "</script><img src=x onerror=alert(1)>" }).waitFor();

      await page.getByRole("link", { name: "Failures" }).click();
      await page.getByRole("cell", { name: /500/ }).first().waitFor();
      await page.getByRole("link", { name: "Charts" }).click();
      await seconds(page, 4);
      const before = await points(page);
      await page.reload();
      await page.locator(".plot canvas").nth(3).waitFor();
      assert.ok((await points(page)) >= before, "the charts began anew");

      await page.getByRole("link", { name: "Edit", exact: true }).first().click();
      await page.getByLabel("Users", { exact: true }).fill("8");
      await page.getByRole("button", { name: "Change" }).click();
      await figureIs(page, "Users", /^8$/);
      await page.getByRole("button", { name: "Stop" }).click();
      await figureIs(page, "State", "Stopped");
      await figureIs(page, "Users", /^0$/);

      await page.getByRole("link", { name: "Downloads" }).click();
      for (const [label, expected] of [["Requests", /^Type,Name,Request Count/], ["Report", /^<!doctype html/i]] as const) {
        const [download] = await Promise.all([
          page.waitForEvent("download"),
          page.getByRole("link", { name: label, exact: true }).click(),
        ]);
        const { readFileSync } = await import("node:fs");
        assert.match(readFileSync(await download.path(), "utf8"), expected);
      }
      await done();
    });

    it("a swarm lives without script", async () => {
      const { base } = place();
      const { page, done } = await open(chromium, base, { javaScriptEnabled: false });
      await logIn(page, place());
      await page.goto(`${base}?view=start`);
      await page.getByLabel("Users", { exact: true }).fill("3");
      await page.getByLabel("Spawn rate").fill("3");
      await page.getByLabel("Run time").fill("nonsense");
      await page.getByRole("button", { name: "Start" }).click();
      await page.getByRole("alert").filter({ hasText: "run_time" }).waitFor();
      assert.ok(page.url().startsWith(base), page.url());

      await page.goto(`${base}?view=start`);
      await page.getByLabel("Users", { exact: true }).fill("3");
      await page.getByLabel("Spawn rate").fill("3");
      await page.getByRole("button", { name: "Start" }).click();
      await reloadUntil(page, async () => (await page.getByRole("cell", { name: "/page" }).count()) > 0);
      for (const view of ["Charts", "Failures", "Exceptions", "Tasks", "Workers", "Logs", "Downloads", "Statistics"]) {
        await page.getByRole("link", { name: view }).first().click();
        assert.match(page.url(), new RegExp(`view=${view.toLowerCase()}$`));
        await page.getByRole("link", { name: view, exact: false }).and(page.locator("[aria-current=page]")).waitFor();
      }
      await page.getByRole("link", { name: "Tasks" }).click();
      const admin = page.getByRole("region", { name: "User class Admin" });
      await admin.getByText("Change", { exact: true }).click();
      await admin.getByLabel("Fixed count").fill("2");
      await admin.getByRole("button", { name: "Change Admin" }).click();
      await page.getByRole("status").filter({ hasText: "User class changed" }).waitFor();
      await admin.getByText("exactly 2 users").waitFor();
      await admin.getByText("Change", { exact: true }).click();
      await admin.getByLabel("Fixed count").fill("0");
      await admin.getByRole("button", { name: "Change Admin" }).click();
      await page.getByRole("link", { name: "Statistics" }).click();
      await page.getByPlaceholder("Search").fill("admin");
      await page.getByRole("button", { name: "Search" }).click();
      assert.equal(await page.getByRole("cell", { name: "/page" }).count(), 0);
      await page.getByRole("button", { name: "Stop" }).click();
      await reloadUntil(page, async () => (await figure(page, "State")) === "Stopped");
      await done();
    });
  });
}

describe("at the root, besides", () => {
  const base = (): string => all[0]?.base ?? "";

  it("a swarm lives by keyboard", async () => {
    const { page, done } = await open(chromium, base(), { address: `${base()}?view=start` });
    await page.locator("form.card").waitFor();
    await tabTo(page, page.getByLabel("Users", { exact: true }));
    await page.keyboard.press("Control+A");
    await page.keyboard.type("4");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Control+A");
    await page.keyboard.type("4");
    await page.keyboard.press("Enter");
    await figureIs(page, "Users", /^4$/);

    await tabTo(page, page.getByRole("button", { name: "Requests" }));
    await page.keyboard.press("Enter");
    await page.locator("th[aria-sort=descending]", { hasText: "Requests" }).waitFor();
    await tabTo(page, page.getByRole("link", { name: "Charts" }));
    await page.keyboard.press("Enter");
    await page.locator(".plot canvas").nth(3).waitFor();
    await seconds(page, 3);
    await tabTo(page, page.getByRole("button", { name: "Zoom in" }));
    await page.keyboard.press("Enter");
    await page.locator("select").filter({ hasText: "Chosen stretch" }).waitFor();
    await tabTo(page, page.getByRole("button", { name: "Stop" }));
    await page.keyboard.press("Enter");
    await figureIs(page, "State", "Stopped");
    await done();
  });

  it("what is refused is said at its field", async () => {
    const may = (text: string): boolean => text.includes("400");
    const { page, done } = await open(chromium, base(), { address: `${base()}?view=start`, may });
    await page.getByLabel("Run time").fill("banana");
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByRole("alert").filter({ hasText: "run_time" }).waitFor();
    const field = page.getByLabel("Run time");
    assert.equal(await field.getAttribute("aria-invalid"), "true");
    assert.ok(await field.evaluate((element) => element === document.activeElement));
    await page.getByLabel("In stages").check();
    await page.getByLabel("Stages", { exact: true }).fill("1");
    await page.getByLabel("Run time").fill("");
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByRole("alert").filter({ hasText: "Invalid stages" }).waitFor();
    await done();
  });

  it("options of the scenario and classes are changed in a run", async () => {
    const may = (text: string): boolean => text.includes("400");
    const { page, done } = await open(chromium, base(), { address: `${base()}?view=start`, may });
    await page.getByLabel("tenant").fill("zoo");
    await page.getByLabel("size").selectOption("50");
    await start(page, 4);
    await figureIs(page, "Users", /^4$/);
    await page.goto(`${base()}?view=start`);
    assert.equal(await page.getByLabel("size").inputValue(), "50");
    assert.equal(await page.getByLabel("tenant").inputValue(), "zoo");
    assert.ok(await page.getByLabel("In stages").isDisabled(), "a constant load cannot become stages");

    await page.getByRole("link", { name: "Tasks" }).click();
    const shopper = page.getByRole("region", { name: "User class Shopper" });
    await shopper.getByText("Change", { exact: true }).click();
    await shopper.getByLabel("Weight").fill("0");
    await shopper.getByRole("button", { name: "Change Shopper" }).click();
    await shopper.getByRole("alert").filter({ hasText: "weight" }).waitFor();
    await shopper.getByLabel("Weight").fill("3");
    await shopper.getByLabel("Fixed count").fill("3");
    await shopper.getByRole("checkbox", { name: "odd" }).uncheck();
    await shopper.getByRole("button", { name: "Change Shopper" }).click();
    await shopper.getByText("exactly 3 users").waitFor();
    await shopper.locator("tbody tr").nth(1).waitFor({ state: "detached" });
    await shopper.getByLabel("Fixed count").fill("0");
    await shopper.getByRole("checkbox", { name: "odd" }).check();
    await shopper.getByRole("button", { name: "Change Shopper" }).click();
    await shopper.getByText("weight 3").waitFor();
    await shopper.locator("tbody tr").nth(1).waitFor();
    await page.goto(`${base()}?view=start`);
    await page.getByLabel("tenant").fill("acme");
    await page.getByRole("button", { name: "Change" }).click();
    await page.getByRole("button", { name: "Stop" }).click();
    await figureIs(page, "State", "Stopped");
    await done();
  });

  it("a constant load takes over from stages", async () => {
    const { page, done } = await open(chromium, base(), { address: `${base()}?view=start` });
    await page.getByLabel("In stages").check();
    await page.getByLabel("Stages", { exact: true }).fill("10m:3@100");
    await page.getByRole("button", { name: "Start" }).click();
    await figureIs(page, "Stage", /^1/);
    await figureIs(page, "Users", /^3$/);
    await page.getByRole("link", { name: "Edit", exact: true }).first().click();
    await page.getByLabel("Run time").fill("5m");
    await page.getByRole("button", { name: "Change" }).click();
    await figureIs(page, "Time, left", /, [45]:\d\d$/);
    await page.getByRole("link", { name: "Edit", exact: true }).first().click();
    await page.getByLabel("Constant").check();
    await page.getByLabel("Users", { exact: true }).fill("5");
    await page.getByLabel("Spawn rate").fill("100");
    await page.getByRole("button", { name: "Change" }).click();
    await figureIs(page, "Users", /^5$/);
    assert.equal(await page.locator(".figures dt", { hasText: /^Stage$/ }).count(), 0);
    await page.getByRole("button", { name: "Stop" }).click();
    await figureIs(page, "State", "Stopped");
    await done();
  });

  it("what the page shows first is asked once, before its script is there", async () => {
    const { page, done } = await open(chromium, base());
    await page.locator("footer", { hasText: "Figures come" }).waitFor();
    // The script runs once the whole page is parsed.
    const [first, parsed] = await page.evaluate(() => {
      const asked = performance.getEntriesByType("resource").filter(({ name }) => /api\/v1\/(test|snapshot)$/.test(name));
      const [page] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
      return [asked.map(({ startTime }) => startTime), page?.domInteractive ?? 0] as const;
    });
    assert.equal(first.length, 2);
    assert.ok(first.every((at) => at <= parsed), `${first.join(" and ")} after ${parsed}`);
    await done();
  });

  it("sorts, searches, zooms, resets, and cuts by tag", async () => {
    const { page, done } = await open(chromium, base());
    await start(page, 5);
    await figureIs(page, "Users", /^5$/);
    await page.getByRole("cell", { name: "/admin" }).waitFor();
    await page.getByPlaceholder("Search").fill("ADMIN");
    await page.getByText("1 of 4 rows").waitFor();
    assert.equal(await page.locator("tbody tr").count(), 1);
    await page.getByPlaceholder("Search").fill("");
    await page.getByRole("button", { name: "Fails", exact: true }).click();
    await page.locator("tbody tr").first().filter({ hasText: "/fail" }).waitFor();
    await page.getByLabel("Rows by").selectOption("tag");
    await page.getByRole("cell", { name: "read" }).waitFor();
    await page.getByLabel("p99.9", { exact: true }).check();
    await page.getByRole("columnheader", { name: "p99.9" }).waitFor();

    await page.getByRole("link", { name: "Charts" }).click();
    const plot = page.locator(".plot .u-over").first();
    await seconds(page, 3);
    const box = await plot.boundingBox();
    assert.ok(box !== null);
    await page.mouse.move(box.x + box.width * 0.3, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.8, box.y + 60, { steps: 4 });
    await page.mouse.up();
    await page.locator("select").filter({ hasText: "Chosen stretch" }).waitFor();
    await plot.dblclick();
    await page.locator("select").filter({ hasNotText: "Chosen stretch" }).first().waitFor();

    const before = await points(page);
    await page.getByRole("button", { name: "Reset" }).click();
    await page.waitForFunction((before) => Number(document.querySelector(".charts")?.getAttribute("data-points") ?? 0) < before, before);
    await page.getByRole("button", { name: "Stop" }).click();
    await figureIs(page, "State", "Stopped");
    await done();
  });

  it("is dark, light, and as wide as a phone; axe finds nothing serious", async () => {
    for (const [colorScheme, ground] of [["dark", "rgb(18, 22, 20)"], ["light", "rgb(246, 247, 246)"]] as const) {
      const viewport = colorScheme === "dark" ? { width: 1280, height: 800 } : { width: 390, height: 844 };
      const { page, done } = await open(chromium, base(), { colorScheme, viewport, bypassCSP: true });
      for (const view of ["start", "statistics", "charts", "failures", "exceptions", "tasks", "workers", "logs", "downloads"]) {
        await page.goto(`${base()}?view=${view}`);
        await page.locator("footer", { hasText: "Figures come" }).waitFor();
        assert.deepEqual(await faults(page), [], `${view}, ${colorScheme}`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `${view} is wider than the window by ${wide}`);
      }
      const shown = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      assert.equal(await shown(), ground);
      const other = colorScheme === "dark" ? "Light" : "Dark";
      for (let presses = 0; presses < 2 && !(await page.locator(".theme").innerText()).includes(other); presses += 1) {
        await page.locator(".theme").click();
      }
      assert.notEqual(await shown(), ground);
      await page.reload();
      assert.notEqual(await shown(), ground, "the choice was forgotten");
      await done();
    }
  });

  it("Locust's own page starts, shows and stops", async () => {
    const address = await locustsPage(base());
    // Its bundle may say what it likes about itself.
    const { page, done } = await open(chromium, address, { may: (text) => text.startsWith("console:") });
    const users = page.locator("input[name=userCount]");
    const again = page.getByRole("button", { name: "New" });
    await users.or(again).first().waitFor();
    // After the runs of other tests it offers another one.
    if (await again.isVisible()) await again.click();
    await users.fill("3");
    await page.locator("input[name=spawnRate]").fill("3");
    await page.getByRole("button", { name: /start/i }).click();
    await page.getByRole("cell", { name: "/admin" }).first().waitFor();
    const requests = async (): Promise<number> =>
      Number((await page.locator("tr", { hasText: "/page" }).first().locator("td").nth(2).innerText()).replace(/\D/g, ""));
    const first = await requests();
    await page.waitForFunction(
      (first) => [...document.querySelectorAll("tr")].some((row) =>
        row.innerText.includes("/page") && Number(row.querySelectorAll("td")[2]?.innerText.replace(/\D/g, "")) > first),
      first,
    );
    await page.getByRole("tab", { name: "Charts" }).click();
    await page.locator("canvas, svg path[stroke]").first().waitFor();
    await page.getByRole("button", { name: /stop/i }).click();
    await page.getByText(/stopped/i).first().waitFor();
    await done();
  });
});

describe("with a login", () => {
  it("nobody comes in without, and the session ends with a log-out", async () => {
    const place = all.find(({ login }) => login !== undefined);
    assert.ok(place?.login !== undefined);
    const { base, login } = place;
    const { page, done } = await open(chromium, base, { bypassCSP: true, address: `${base}?view=workers` });
    assert.equal(new URL(page.url()).pathname, new URL("login", base).pathname);
    assert.deepEqual(await faults(page), []);
    await page.getByLabel("Name").fill(login.name);
    await page.getByLabel("Password").fill("wrong");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("alert").waitFor();
    await logIn(page, place);
    assert.equal(page.url(), `${base}?view=workers`, "the view is kept");
    const [cookie] = await page.context().cookies(base);
    assert.ok(cookie?.httpOnly === true && cookie.secure && cookie.sameSite === "Lax", JSON.stringify(cookie));
    assert.equal(cookie.path, "/a/b/locust");
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByRole("button", { name: "Log in" }).waitFor();
    await page.goto(base);
    await page.getByRole("button", { name: "Log in" }).waitFor();
    await done();
  });
});

describe("with thresholds", () => {
  it("says how the run stands to them, and what came of them, with script and without", async () => {
    const web = await freePort();
    const thresholds = ["p95 > 1h", "failures > 0", 'p95{name="/typo"} > 1s'].flatMap((text) => ["--fail-if", text]);
    await akrida(web, ["-H", host, "--autostart", "-u", "4", "-r", "4", ...thresholds]);
    const base = `http://127.0.0.1:${web}/`;
    for (const javaScriptEnabled of [true, false]) {
      const { page, done } = await open(chromium, base, { javaScriptEnabled, address: `${base}?view=statistics` });
      const state = (text: string): ReturnType<Page["locator"]> =>
        page.locator("tr", { hasText: text }).locator("td").last();
      const are = async (...expected: string[]): Promise<boolean> => {
        const found = await Promise.all(["p95 > 1h", "failures > 0", "/typo"].map((text) => state(text).innerText()));
        return expected.every((word, at) => found[at] === word);
      };
      // The script has started the run's end, so whoever has none sees the end only.
      const then = javaScriptEnabled ? "nothing measured yet" : "broken: nothing was measured";
      await reloadUntil(page, () => are("kept", "broken", then));
      if (!javaScriptEnabled) {
        await done();
        continue;
      }
      assert.match(await state("failures > 0").getAttribute("class").then(String), /bad/);
      await page.getByRole("button", { name: "Stop" }).click();
      await state("/typo").filter({ hasText: "broken: nothing was measured" }).waitFor();
      await done();
    }
  });
});

describe("in a fleet", () => {
  it("says how workers are started, sees them come and go, and waits for a master that is gone", async () => {
    const [web, port] = [await freePort(), await freePort()];
    const master = ["--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", String(port), "-H", host];
    const join = ["--worker", "--master-host", "127.0.0.1", "--master-port", String(port)];
    const first = await akrida(web, master);
    const base = `http://127.0.0.1:${web}/`;
    const may = (text: string): boolean => /409|ERR_|Failed to load/.test(text);
    const { page, done } = await open(chromium, base, { may });
    await page.getByText("No worker is connected yet").waitFor();
    await page.getByText(`--worker --master-host 127.0.0.1 --master-port ${port}`).first().waitFor();
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByRole("alert").filter({ hasText: /worker/ }).waitFor();
    const worker = await akrida(0, join, "worker");
    await page.getByText("No worker is connected yet").waitFor({ state: "detached" });
    await start(page, 4);
    await figureIs(page, "Users", /^4$/);
    await page.getByRole("link", { name: "Workers" }).click();
    await page.getByRole("cell", { name: "running" }).waitFor();
    worker.signal("SIGSTOP");
    await page.getByText("1 worker missing").waitFor();
    await first.end();
    await page.getByRole("alert").filter({ hasText: "The master does not answer" }).waitFor();
    await akrida(web, master);
    await page.locator("footer", { hasText: "Figures come" }).waitFor();
    await figureIs(page, "State", "Ready");
    await done();
  });
});

async function logIn(page: Page, place: Place): Promise<void> {
  if (place.login === undefined) return;
  await page.getByLabel("Name").fill(place.login.name);
  await page.getByLabel("Password").fill(place.login.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.locator("nav.views").waitFor();
}

/** Starts a run by the form, with this many users at once. */
async function start(page: Page, users: number): Promise<void> {
  await page.locator("footer", { hasText: "Figures come" }).waitFor();
  await page.getByRole("link", { name: "Start", exact: true }).click();
  await page.getByLabel("Users", { exact: true }).fill(String(users));
  await page.getByLabel("Spawn rate").fill(String(users));
  await page.getByRole("button", { name: "Start" }).click();
  await page.getByRole("button", { name: "Stop" }).waitFor();
}

/** Points that the charts show. */
async function points(page: Page): Promise<number> {
  return Number(await page.locator(".charts").getAttribute("data-points"));
}

/** Waits until the charts have this many points, which come once a second. */
async function seconds(page: Page, many: number): Promise<void> {
  await page.waitForFunction((many) => Number(document.querySelector(".charts")?.getAttribute("data-points")) >= many, many);
}

/** Presses Tab until this has the focus. */
async function tabTo(page: Page, wanted: ReturnType<Page["locator"]>): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`no key leads to ${wanted.toString()}`);
}

async function reloadUntil(page: Page, so: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 60; tries += 1) {
    if (await so()) return;
    await page.waitForTimeout(250);
    await page.reload();
  }
  assert.fail("it does not come to pass");
}
