// The page's first questions, asked before its script is loaded: one script asks, the other takes the answers.

/** What the page shows first. */
const FIRST = ["api/v1/test", "api/v1/snapshot"];

const HEADERS = { Accept: "application/json" };

declare global {
  interface Window {
    akridaFirst?: Map<string, Promise<Response>>;
  }
}

export function ask(): void {
  const asked = FIRST.map((path): [string, Promise<Response>] => {
    const answer = fetch(path, { headers: HEADERS });
    // Whoever takes it sees that it failed.
    answer.catch(() => {});
    return [path, answer];
  });
  window.akridaFirst = new Map(asked);
}

/** Reads `path`: what was asked for already is answered by that, once. */
export function fetched(path: string): Promise<Response> {
  const first = window.akridaFirst?.get(path);
  window.akridaFirst?.delete(path);
  return first ?? fetch(path, { headers: HEADERS });
}
