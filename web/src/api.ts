// Questions to the master. Addresses are relative, and so stay under whatever prefix the page has.

import { fetched } from "./early.ts";
import type { Answer } from "./types.ts";

/** The master does not answer, or not as it should. */
export class Unreachable extends Error {}

/** Reads `path`. */
export async function read<T>(path: string): Promise<T> {
  return (await asked(path)).json() as Promise<T>;
}

/** Asks for something to be done, and tells how that was answered. */
export async function act(path: string, wish: object = {}): Promise<Answer> {
  const init = {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(wish),
  };
  try {
    const answer = await fetch(path, init);
    if (answer.status === 401) logIn();
    return (await answer.json()) as Answer;
  } catch {
    return { success: false, message: "The master does not answer. Is it running?" };
  }
}

async function asked(path: string): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetched(path);
  } catch {
    throw new Unreachable(path);
  }
  if (answer.status === 401) logIn();
  if (!answer.ok) throw new Unreachable(`${path}: ${answer.status}`);
  return answer;
}

/** The session is over; after a log-in the same view is open. */
export function logIn(): void {
  const address = new URL("login", document.baseURI);
  if (location.search !== "") address.searchParams.set("next", location.search);
  location.assign(address);
}
