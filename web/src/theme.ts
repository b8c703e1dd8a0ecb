// Dark, light, or as the system is. Runs before the page is drawn, so that it does not flash.

const root = document.documentElement;
root.classList.add("scripted");
try {
  const chosen: unknown = JSON.parse(localStorage.getItem("akrida.theme") ?? "null");
  if (chosen === "dark" || chosen === "light") root.dataset["theme"] = chosen;
} catch {
  // Without storage the system decides.
}
