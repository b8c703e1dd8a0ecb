// Which view is open. It stands in the address, so that it can be reloaded, marked and sent; the server makes the same
// views for whoever has no script.

import { useEffect, useState } from "preact/hooks";

export const VIEWS = [
  "start",
  "statistics",
  "charts",
  "failures",
  "exceptions",
  "tasks",
  "workers",
  "logs",
  "downloads",
] as const;

export type View = (typeof VIEWS)[number];

/** The view that the address names; `null` for whichever suits. */
function named(): View | null {
  const name = new URLSearchParams(location.search).get("view");
  return VIEWS.find((view) => view === name) ?? null;
}

export function go(view: View): void {
  history.pushState(null, "", `?view=${view}`);
  dispatchEvent(new Event("akrida-view"));
}

/** What the server answered to a form, if this page is the answer. It leaves the address, so that a reload is silent. */
export function told(): { message: string; error: boolean } | null {
  const query = new URLSearchParams(location.search);
  const message = query.get("message");
  if (message === null) return null;
  const error = query.has("error");
  query.delete("message");
  query.delete("error");
  history.replaceState(null, "", `?${query.toString()}`);
  return { message, error };
}

export function useView(): View | null {
  const [view, setView] = useState(named);
  useEffect(() => {
    const look = (): void => setView(named());
    addEventListener("popstate", look);
    addEventListener("akrida-view", look);
    return () => {
      removeEventListener("popstate", look);
      removeEventListener("akrida-view", look);
    };
  }, []);
  return view;
}

/** For links within the page: follows them without a load, unless another window is wanted. */
export function follow(view: View): (event: MouseEvent) => void {
  return (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return;
    event.preventDefault();
    go(view);
  };
}
