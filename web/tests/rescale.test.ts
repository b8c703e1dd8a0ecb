// The whole story of a rescale, with real processes: a stand-in for the API server whose count of replicas drives real
// workers, a master, a proxy that serves it under /locust, and a person at the form.

import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { faults } from "./axe.ts";
import { browser, figureIs, open } from "./browser.ts";
import { Program, akrida, atEnd, endAll, folder, freePort, needed, nginx, until } from "./processes.ts";

const SCENARIO = `
users:
  Visitor:
    wait: { constant: 100ms }
    tasks:
      look:
        - get: /page
`;

const USERS = 40;

/** Milliseconds within which users are as many as wanted again after workers have come or gone. */
const BACK = 2_000;

let chromium: Browser;

before(async () => {
  chromium = await browser();
});

after(async () => {
  await chromium?.close();
  await endAll();
});

interface Seen {
  at: number;
  state: string;
  user_count: number;
  worker_count: number;
  workers: unknown[];
  total: { num_requests: number; num_failures: number };
}

it("a fleet follows the form in the middle of a swarm, and nothing is lost or counted twice", async () => {
  const target = await counting();
  const [masterPort, webPort, port] = await Promise.all([freePort(), freePort(), freePort()]);
  const place = folder();
  const scenario = join(place, "visit.yaml");
  writeFileSync(scenario, SCENARIO);
  const cluster = Program.start(
    needed("KUBERNETES"),
    [place, needed("AKRIDA"), scenario, String(masterPort), "2"],
    place,
  );
  // Before it is ended by force, which its workers would outlive.
  atEnd(() => cluster.close());
  const config = join(place, "kubeconfig");
  await cluster.until(() => existsSync(config));
  const fleet = ["--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", String(masterPort)];
  const web = ["--web-base-path", "/locust", "-H", target.url];
  await akrida(webPort, [...fleet, ...web], "web", SCENARIO, { KUBECONFIG: config });
  const to = `
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $http_host;`;
  await nginx(
    `server {
  listen 127.0.0.1:${port};
  location = /locust { proxy_pass http://127.0.0.1:${webPort}/; ${to} }
  location /locust/ { proxy_pass http://127.0.0.1:${webPort}/; ${to} }
}`,
    port,
  );
  const base = `http://127.0.0.1:${port}/locust/`;
  // The one that is refused below is told on the console, too.
  const may = (text: string): boolean => text.includes("400 (Bad Request)");
  const { page, done } = await open(chromium, base, { address: `${base}?view=workers`, may });
  await figureIs(page, "Workers", /^2$/);
  await numbers(page, 2, 2, 2);
  await page.getByText("Self-test passed").waitFor();
  const looked = await open(chromium, base, { bypassCSP: true, address: `${base}?view=workers` });
  await numbers(looked.page, 2, 2, 2);
  assert.deepEqual(await faults(looked.page), []);
  await looked.page.goto(`${base}rescale-form`);
  assert.deepEqual(await faults(looked.page), []);
  await looked.done();

  await page.getByRole("link", { name: "Start" }).first().click();
  await page.getByLabel("Users", { exact: true }).fill(String(USERS));
  await page.getByLabel("Spawn rate").fill(String(USERS));
  await page.getByRole("button", { name: "Start" }).click();
  await figureIs(page, "Users", new RegExp(`^${USERS}$`));

  const seen: Seen[] = [];
  const snapshot = async (): Promise<Seen> => (await (await fetch(`${base}api/v1/snapshot`)).json()) as Seen;
  const watching = setInterval(() => void snapshot().then((one) => seen.push(one), () => undefined), 50);
  atEnd(() => clearInterval(watching));

  await page.getByRole("link", { name: "Workers" }).first().click();
  // What is wrong is refused here, and changes nothing.
  await rescale(page, "101");
  await page.getByRole("alert").filter({ hasText: "It has to be a whole number from 0 to 100." }).waitFor();
  await rescale(page, "4");
  await wanted(page, 4);
  await rescale(page, "1");
  await wanted(page, 1);
  // The last one without script, as from a text browser; it comes again by itself until the numbers agree.
  const plain = await open(chromium, base, { javaScriptEnabled: false, address: `${base}rescale-form` });
  const [led] = await Promise.all([
    plain.page.waitForResponse((answer) => answer.url().includes("rescale-form?follow=1")),
    rescale(plain.page, "3"),
  ]);
  assert.equal(led.url(), `${base}rescale-form?follow=1&message=3+workers+wanted%2C+no+longer+1`);
  await numbers(plain.page, 3, 3, 3);
  await plain.done();

  await numbers(page, 3, 3, 3);
  await figureIs(page, "Workers", /^3$/);
  await until(async () => (await page.locator("tbody tr").count()) === 3, () => "three rows of workers");
  await page.getByText("Changes", { exact: true }).click();
  const changes = await page.locator(".changes li").allInnerTexts();
  assert.deepEqual(
    changes.map((line) => line.replace(/^.*workers/, "workers")),
    ["1 -> 3", "4 -> 1", "2 -> 4"].map((change) => `workers ${change}, by 127.0.0.1`),
  );
  // All is quiet: as many users as wanted, on all three.
  await until(async () => (await snapshot()).user_count === USERS, () => "all users");
  clearInterval(watching);

  const most = Math.max(...seen.map((one) => one.workers.length));
  assert.ok(most >= 4 && most < 6, `there were ${most} workers`);
  let right = seen[0]?.at ?? 0;
  let longest = 0;
  for (const { at, user_count } of seen) {
    if (user_count === USERS) right = Math.max(right, at);
    else longest = Math.max(longest, at - right);
  }
  assert.ok(longest * 1e3 <= BACK, `for ${longest} s there were not as many users as wanted`);

  await page.getByRole("button", { name: "Stop" }).click();
  await figureIs(page, "State", "Stopped");
  await until(
    async () => (await snapshot()).total.num_requests === target.count(),
    () => `${target.count()} requests at the target, ${seen.at(-1)?.total.num_requests} before the stop`,
  );
  const { total } = await snapshot();
  assert.equal(total.num_failures, 0);
  assert.ok(total.num_requests > USERS, "there was a swarm");
  console.log(`${total.num_requests} requests; at most ${most} workers; users were back within ${longest.toFixed(2)} s`);
  await done();
});

async function rescale(page: Page, count: string): Promise<void> {
  await page.getByLabel("Workers wanted").fill(count);
  await page.getByRole("button", { name: "Rescale" }).click();
}

/** Waits until the form shows this wish. */
async function wanted(page: Page, count: number): Promise<void> {
  await shows(page, "Wanted", count);
}

async function numbers(page: Page, wanted: number, existing: number, connected: number): Promise<void> {
  await shows(page, "Wanted", wanted);
  await shows(page, "Existing", existing);
  await shows(page, "Connected", connected);
}

async function shows(page: Page, label: string, count: number): Promise<void> {
  const figures = page.getByRole("region", { name: "Workers in Kubernetes" }).locator(".figures > div");
  const figure = figures.filter({ has: page.locator("dt", { hasText: label }) });
  await figure.locator("dd").filter({ hasText: new RegExp(`^${count}$`) }).waitFor();
}

/** A service that counts what it answers. */
async function counting(): Promise<{ url: string; count: () => number }> {
  let count = 0;
  const server = createServer((_, answer) => {
    count += 1;
    answer.end("a page");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, count: () => count };
}
