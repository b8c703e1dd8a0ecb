// Chromium, and pages that are watched: nothing may be said on the console, and nothing asked of another place.

import assert from "node:assert/strict";
import { type Browser, type BrowserContextOptions, type Page, chromium } from "playwright-core";
import { PATIENCE } from "./processes.ts";

const PROGRAMS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export async function browser(): Promise<Browser> {
  const { existsSync } = await import("node:fs");
  const found = process.env["CHROMIUM"] ?? PROGRAMS.find((program) => existsSync(program));
  assert.ok(found !== undefined, "Chromium is missing: apt-get install chromium");
  // Root has no sandbox, and these pages are our own.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath: found, args });
}

export interface Watched {
  page: Page;
  /** What was said or asked that should not have been. */
  wrong: string[];
  /** Closes it, and fails if anything was wrong. */
  done: () => Promise<void>;
}

/** A page of its own at `base` (which ends with a slash), opened at `address`. */
export async function open(
  from: Browser,
  base: string,
  options: BrowserContextOptions & { address?: string; may?: (text: string) => boolean } = {},
): Promise<Watched> {
  const { address = base, may = () => false, ...context } = options;
  const of = await from.newContext({ ignoreHTTPSErrors: true, acceptDownloads: true, ...context });
  const page = await of.newPage();
  page.setDefaultTimeout(PATIENCE);
  const wrong: string[] = [];
  const complain = (text: string): void => {
    if (!may(text)) wrong.push(text);
  };
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complain(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complain(`error: ${error.stack ?? error.message}`));
  page.on("request", (request) => {
    const url = request.url();
    const within = url.startsWith(base) || `${url}/` === base || url === address || /^(data|blob):/.test(url);
    if (!within) complain(`request: ${url}`);
  });
  await page.goto(address);
  const done = async (): Promise<void> => {
    assert.deepEqual(wrong, []);
    await of.close();
  };
  return { page, wrong, done };
}

/** The value of a figure at the top of the page, such as `Users`. */
export async function figure(page: Page, label: string): Promise<string> {
  const found = page.locator(".figures > div").filter({ has: page.locator("dt", { hasText: label }) });
  return (await found.first().locator("dd").innerText()).trim();
}

/** Waits until a figure is so. */
export async function figureIs(page: Page, label: string, value: string | RegExp): Promise<void> {
  const found = page.locator(".figures > div").filter({ has: page.locator("dt", { hasText: label }) });
  await found.first().locator("dd").filter({ hasText: value }).waitFor();
}
