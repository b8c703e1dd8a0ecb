// What cannot wait for the page's script: dark, light, or as the system is, so that the page does not flash; and the
// page's first two questions, which are answered by the time that its script is here.

import { ask } from "./early.ts";

const root = document.documentElement;
root.classList.add("scripted");
try {
  const chosen: unknown = JSON.parse(localStorage.getItem("akrida.theme") ?? "null");
  if (chosen === "dark" || chosen === "light") root.dataset["theme"] = chosen;
} catch {
  // Without storage the system decides.
}

// The page says that it has a script; that of the login has none.
if (root.hasAttribute("data-live")) ask();
