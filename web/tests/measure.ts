// What a large page costs: 500 names, 200 workers, an hour of history. Run by `cargo xtask prove page`.
//
// Master, workers' messages and browser are real; the hour is not waited for: a proxy puts it before the history that
// the master has.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { type IncomingMessage, createServer, get, request as ask } from "node:http";
import { type AddressInfo } from "node:net";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import type { HistoryAnswer, Snapshot } from "../src/types.ts";
import { browser } from "./browser.ts";
import { Program, atEnd, endAll, folder, freePort, needed, until } from "./processes.ts";

const NAMES = 500;
const WORKERS = 200;

/** Milliseconds of a task of the page's main thread. */
const LONGEST = 100;

/** Seconds of the trace, over three views. */
const TRACED = 60;

/** Bytes of a snapshot, compressed. */
const SNAPSHOT = 100_000;

const PAGES = 100;

/** Percent of a core for all these pages. */
const CPU = 10;

/** Milliseconds until a page that was never seen shows all figures. */
const FIRST = 300;

const failures: string[] = [];

function report(what: string, value: number, unit: string, bound: number): void {
  console.log(`${what}: ${value.toFixed(1)} ${unit} (bound: ${bound})`);
  if (!(value < bound)) failures.push(what);
}

try {
  await measure();
} finally {
  await endAll();
}
assert.deepEqual(failures, []);

async function measure(): Promise<void> {
  const [web, port] = [await freePort(), await freePort()];
  const place = folder();
  const tasks = Array.from({ length: 3 }, (_, index) => `      task${index}:\n        - get: /\n`).join("");
  writeFileSync(join(place, "many.yaml"), `users:\n  Shopper:\n    tasks:\n${tasks}`);
  const args = ["-f", "many.yaml", "--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", String(port)];
  const of = ["--web-host", "127.0.0.1", "--web-port", String(web), "-H", "http://127.0.0.1:9"];
  const master = Program.start(needed("AKRIDA"), [...args, ...of], place);
  const base = `http://127.0.0.1:${web}/`;
  await until(() => fetch(`${base}healthz`).then((answer) => answer.ok, () => false), () => "a web page");
  Program.start(needed("FLEET"), ["join", String(port), String(WORKERS), String(NAMES)], place);
  const snapshot = async (): Promise<Snapshot> => (await fetch(`${base}api/v1/snapshot`)).json() as Promise<Snapshot>;
  await until(async () => (await snapshot()).worker_count === WORKERS, () => "all workers");
  const wish = { users: 2 * WORKERS, spawn_rate: 2 * WORKERS };
  const headers = { "Content-Type": "application/json" };
  await fetch(`${base}api/v1/swarm`, { method: "POST", headers, body: JSON.stringify(wish) });
  await until(async () => (await snapshot()).rows.length === NAMES, () => "all names");
  await new Promise((wake) => setTimeout(wake, 5_000));

  report("a snapshot, gzip", await size(`${base}api/v1/snapshot`), "bytes", SNAPSHOT);
  await pages(base, master.pid);
  const chromium = await browser();
  atEnd(() => chromium.close());
  await firstLoad(chromium, base);
  await trace(chromium, await longRun(base));
}

/** Bytes of an answer as it is sent to browsers. */
async function size(address: string): Promise<number> {
  return new Promise((done, failed) => {
    get(address, { headers: { "Accept-Encoding": "gzip" } }, (answer) => {
      let bytes = 0;
      answer.on("data", (chunk: Buffer) => (bytes += chunk.length));
      answer.on("end", () => done(bytes));
      answer.on("error", failed);
    });
  });
}

/** What open pages cost the master. */
async function pages(base: string, pid: number): Promise<void> {
  const seconds = 15;
  const used = async (): Promise<number> => {
    const before = cpu(pid);
    await new Promise((wake) => setTimeout(wake, seconds * 1_000));
    return (100 * (cpu(pid) - before)) / seconds;
  };
  const without = await used();
  let bytes = 0;
  const open = await Promise.all(
    Array.from({ length: PAGES }, () => new Promise<IncomingMessage>((done) => {
      get(`${base}api/v1/events`, { headers: { "Accept-Encoding": "gzip" }, agent: false }, (answer) => {
        answer.on("data", (chunk: Buffer) => (bytes += chunk.length));
        done(answer);
      });
    })),
  );
  const before = bytes;
  const together = await used();
  console.log(`the master without pages: ${without.toFixed(1)} % of a core; with ${PAGES}: ${together.toFixed(1)} %`);
  console.log(`each page is sent ${((bytes - before) / PAGES / seconds / 1e3).toFixed(1)} kB/s`);
  report(`${PAGES} open pages`, together - without, "% of a core", CPU);
  for (const answer of open) answer.destroy();
}

/** Seconds of processor time that a process has had. */
function cpu(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function firstLoad(chromium: Browser, base: string): Promise<void> {
  const loads: number[] = [];
  const paints: number[] = [];
  for (let load = 0; load < 9; load += 1) {
    const context = await chromium.newContext();
    const page = await context.newPage();
    await page.goto(`${base}?view=statistics`);
    await page.locator("footer", { hasText: "Figures come" }).waitFor();
    loads.push(await page.evaluate(() => performance.getEntriesByName("akrida-shown")[0]?.startTime ?? Infinity));
    paints.push(
      await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Infinity),
    );
    await context.close();
  }
  loads.sort((a, b) => a - b);
  paints.sort((a, b) => a - b);
  console.log(`the server's figures are painted after: ${paints.map((paint) => paint.toFixed(0)).join(", ")} ms`);
  console.log(`loads: ${loads.map((load) => load.toFixed(0)).join(", ")} ms`);
  report("a first load, median", loads[4] ?? Infinity, "ms", FIRST);
}

/** A proxy that gives the run an hour of history; returns its address. */
async function longRun(base: string): Promise<string> {
  const server = createServer((request, answer) => {
    const to = new URL(request.url ?? "/", base);
    if (to.pathname === "/api/v1/history" && !to.searchParams.has("since")) {
      void fetch(to)
        .then((answer) => answer.json() as Promise<HistoryAnswer>)
        .then((history) => answer.end(JSON.stringify(stretched(history))));
      return;
    }
    const passed = ask(to, { method: request.method ?? "GET", headers: request.headers }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
    });
    passed.on("error", () => answer.destroy());
    request.pipe(passed);
    answer.on("close", () => passed.destroy());
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** The same with an hour before it, in which the newest values waver. */
function stretched(history: HistoryAnswer): HistoryAnswer {
  const [first, step, points] = [history.at[0] ?? 0, 2, 1_800];
  const before = <T>(column: T[]): T[] => {
    const newest = column.at(-1);
    const waver = (): T => (typeof newest === "number" ? ((newest * (0.8 + 0.4 * Math.random())) as T) : (newest as T));
    return [...Array.from({ length: points }, waver), ...column];
  };
  return {
    ...history,
    at: [...Array.from({ length: points }, (_, index) => first - step * (points - index)), ...history.at],
    user_count: before(history.user_count),
    worker_count: before(history.worker_count),
    rps: before(history.rps),
    fail_per_sec: before(history.fail_per_sec),
    avg: before(history.avg),
    lag_ms: before(history.lag_ms),
    dropped: before(history.dropped),
    response_times: history.response_times.map(before),
  };
}

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  ts: number;
  dur?: number;
  /** Of the processor alone. */
  tdur?: number;
  args: { name?: string; data?: { url?: string } };
}

async function trace(chromium: Browser, base: string): Promise<void> {
  const page = await chromium.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto("about:blank");
  const file = join(folder(), "trace.json");
  await chromium.startTracing(page, { path: file, categories: ["toplevel", "devtools.timeline"] });
  for (const view of ["statistics", "charts", "workers"]) {
    await page.goto(`${base}?view=${view}`);
    await page.waitForTimeout((1_000 * TRACED) / 3);
  }
  await chromium.stopTracing();
  const { traceEvents: events } = JSON.parse(readFileSync(file, "utf8")) as { traceEvents: TraceEvent[] };
  // The browser has pages of its own, in other processes.
  const ours = new Set(
    events
      .filter(({ name, args }) => name === "ResourceSendRequest" && args.data?.url?.startsWith(base) === true)
      .map(({ pid }) => pid),
  );
  const threads = new Set(
    events
      .filter(({ name, pid, args }) => name === "thread_name" && args.name === "CrRendererMain" && ours.has(pid))
      .map(({ pid, tid }) => `${pid}/${tid}`),
  );
  const found = events.filter(
    ({ name, ph, pid, tid }) => ph === "X" && name.endsWith("::RunTask") && threads.has(`${pid}/${tid}`),
  );
  const longest = (of: (event: TraceEvent) => number | undefined): number[] =>
    found.map((event) => (of(event) ?? 0) / 1_000).sort((a, b) => b - a);
  const shown = (tasks: number[]): string => tasks.slice(0, 8).map((task) => task.toFixed(0)).join(", ");
  const tasks = longest(({ dur }) => dur);
  console.log(`longest tasks on the processor: ${shown(longest(({ tdur }) => tdur))} ms`);
  assert.ok(tasks.length > 1_000, `only ${tasks.length} tasks`);
  console.log(`longest tasks by the clock: ${shown(tasks)} ms, of ${tasks.length}`);
  const by = (event: TraceEvent): string => `${event.pid}/${event.tid}`;
  for (const task of found.sort((a, b) => (b.dur ?? 0) - (a.dur ?? 0)).slice(0, 3)) {
    const parts = events.filter(
      (event) =>
        event.ph === "X" && event !== task && by(event) === by(task) && (event.dur ?? 0) > 5_000 &&
        event.ts >= task.ts && event.ts < task.ts + (task.dur ?? 0),
    );
    const named = parts.map(({ name, dur }) => `${name} ${((dur ?? 0) / 1_000).toFixed(0)}`).join(", ");
    console.log(`  ${(((task.ts - (found[0]?.ts ?? 0)) / 1e6)).toFixed(1)} s: ${named}`);
  }
  report(`the longest task in ${TRACED} s`, tasks[0] ?? Infinity, "ms", LONGEST);
}
