// Enlivens the page: what the server wrote stays until what the master tells is here.

import { render } from "preact";
import { App } from "./app.tsx";
import { Unreachable } from "./api.ts";
import { Live } from "./live.ts";

/** Milliseconds until the master is asked again when it did not answer at first. */
const AGAIN = 2_000;

async function begin(): Promise<void> {
  const page = document.getElementById("page");
  if (page === null) return;
  try {
    const live = await Live.begin();
    page.replaceChildren();
    render(<App live={live} />, page);
    performance.mark("akrida-shown");
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    setTimeout(() => void begin(), AGAIN);
  }
}

void begin();
