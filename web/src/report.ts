// The script of a report that stands alone: charts that zoom, the heat map, tables that sort, names that are looked for.
// Everything that it shows stands in the page as text too.

import uPlot from "uplot";
import { NOTHING, ms, rate } from "./format.ts";

interface Heat {
  from: number;
  until: number;
  columns: number;
  bounds: number[];
  counts: number[];
}

interface Course {
  at: number[];
  users: number[];
  workers: number[];
  rps: number[];
  fails: number[];
  p50: (number | null)[];
  p95: (number | null)[];
  p99: (number | null)[];
  lag: number[];
  heat: Heat | null;
}

interface Line {
  label: string;
  colour: number;
  values: (number | null)[];
  show: (value: number) => string;
  right?: boolean;
}

const HEIGHT = 220;

/** The time of day in UTC, as all times of the report are. */
function utc(at: number | undefined): string {
  const date = new Date((at ?? Number.NaN) * 1000);
  // A damaged file may tell of times that no calendar holds.
  return Number.isNaN(date.getTime()) ? NOTHING : date.toISOString().slice(11, 19);
}

const whole = (value: number): string => String(Math.round(value));
const plots: uPlot[] = [];

for (const element of document.querySelectorAll(".hidden-until-script")) {
  element.classList.remove("hidden-until-script");
}
const held = document.getElementById("data")?.textContent;
const course = held === undefined || held === null || held === "" ? null : (JSON.parse(held) as Course);
if (course !== null) draw(course);
document.querySelectorAll<HTMLTableElement>("table.sortable").forEach(sortable);
filter();
themes();

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function draw(data: Course): void {
  const place = document.getElementById("charts");
  if (place === null) return;
  const charts: [string, Line[]][] = [
    [
      "Requests per second",
      [
        { label: "Requests/s", colour: 3, values: data.rps, show: rate },
        { label: "Failures/s", colour: 2, values: data.fails, show: rate },
      ],
    ],
    [
      "Response times, ms",
      [
        { label: "Median", colour: 1, values: data.p50, show: ms },
        { label: "p95", colour: 4, values: data.p95, show: ms },
        { label: "p99", colour: 5, values: data.p99, show: ms },
      ],
    ],
    [
      "Users and workers",
      [
        { label: "Users", colour: 1, values: data.users, show: whole },
        { label: "Workers", colour: 6, values: data.workers, show: whole, right: true },
      ],
    ],
    ["How late the generator was, ms", [{ label: "Late ms", colour: 7, values: data.lag, show: ms }]],
  ];
  place.replaceChildren();
  plots.length = 0;
  for (const [title, lines] of charts) place.append(chart(title, data.at, lines));
  const button = document.getElementById("whole");
  if (button !== null) button.onclick = (): void => zoom(null, null);
  new ResizeObserver(() => sizes(place)).observe(place);
  sizes(place);
}

function sizes(place: HTMLElement): void {
  for (const plot of plots) {
    const width = plot.root.parentElement?.clientWidth ?? place.clientWidth;
    if (width > 0 && width !== plot.width) plot.setSize({ width, height: HEIGHT });
  }
  if (course !== null) heat(course);
}

function chart(title: string, at: number[], lines: Line[]): HTMLElement {
  const figure = document.createElement("figure");
  figure.className = "card";
  const caption = document.createElement("figcaption");
  const heading = document.createElement("h3");
  heading.textContent = title;
  const legend = document.createElement("ul");
  legend.className = "legend";
  const values = lines.map((line) => {
    const item = document.createElement("li");
    const swatch = document.createElement("span");
    swatch.className = `swatch c${line.colour}`;
    const value = document.createElement("b");
    item.append(swatch, `${line.label} `, value);
    legend.append(item);
    return value;
  });
  const time = document.createElement("li");
  legend.append(time);
  caption.append(heading, legend);
  const place = document.createElement("div");
  place.setAttribute("role", "img");
  const most = lines.map((line) => {
    const known = line.values.filter((value) => value !== null);
    return `${line.label} at most ${known.length === 0 ? "nothing" : line.show(known.reduce((a, b) => Math.max(a, b)))}`;
  });
  place.setAttribute("aria-label", `${title}: ${most.join(", ")}`);
  figure.append(caption, place);

  const point = (index: number | null | undefined): void => {
    const shown = index ?? at.length - 1;
    lines.forEach((line, number) => {
      const value = line.values[shown];
      const cell = values[number];
      if (cell !== undefined) cell.textContent = value === null || value === undefined ? NOTHING : line.show(value);
    });
    time.textContent = utc(at[shown]);
  };
  const axis = {
    stroke: () => colour("--dim"),
    font: "12px system-ui, sans-serif",
    ticks: { show: false },
    grid: { stroke: () => colour("--line"), width: 1 },
  };
  const range = (_: uPlot, __: number | null, max: number | null): [number, number] => [
    0,
    max === null || max <= 0 ? 1 : max * 1.1,
  ];
  const right = lines.some((line) => line.right === true);
  const plot = new uPlot(
    {
      width: 600,
      height: HEIGHT,
      legend: { show: false },
      tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
      padding: [8, right ? 0 : 16, 0, 0],
      cursor: { sync: { key: "report", setSeries: false }, drag: { x: true, y: false, setScale: false } },
      select: { show: true, left: 0, top: 0, width: 0, height: 0 },
      scales: { x: { time: true }, y: { range }, right: { range } },
      axes: [
        { ...axis, values: (_, splits) => splits.map(utc), space: 80, size: 30 },
        { ...axis, size: 56 },
        ...(right ? [{ ...axis, size: 44, side: 1 as const, scale: "right", grid: { show: false } }] : []),
      ],
      series: [
        {},
        ...lines.map(
          (line): uPlot.Series => ({
            label: line.label,
            scale: line.right === true ? "right" : "y",
            stroke: () => colour(`--c${line.colour}`),
            width: 1.5,
            points: { show: at.length < 3 },
          }),
        ),
      ],
      hooks: {
        setCursor: [(self): void => point((self.cursor.left ?? -1) < 0 ? null : self.cursor.idx)],
        setSelect: [
          (self): void => {
            const { left, width } = self.select;
            if (width < 8) return;
            const [from, until] = [self.posToVal(left, "x"), self.posToVal(left + width, "x")];
            self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            zoom(from, until);
          },
        ],
      },
    },
    [at, ...lines.map((line) => line.values)],
    place,
  );
  plot.over.addEventListener("dblclick", () => zoom(null, null));
  plots.push(plot);
  point(null);
  return figure;
}

let stretch: [number, number] | null = null;

/** Shows a stretch of time in all charts, or all of it. */
function zoom(from: number | null, until: number | null): void {
  if (course === null) return;
  stretch = from === null || until === null ? null : [from, until];
  const [min, max] = stretch ?? [course.at[0] ?? 0, course.at.at(-1) ?? 1];
  for (const plot of plots) plot.setScale("x", { min, max });
  const button = document.getElementById("whole");
  if (button instanceof HTMLButtonElement) button.disabled = stretch === null;
  heat(course);
}

/** Draws the heat map, over the stretch of time that the charts show. */
function heat(data: Course): void {
  const canvas = document.getElementById("heat");
  if (!(canvas instanceof HTMLCanvasElement) || data.heat === null) return;
  const { from, until, columns, bounds, counts } = data.heat;
  const rows = bounds.length - 1;
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.parentElement?.clientWidth ?? 600;
  const height = Math.max(120, Math.min(320, rows * 14));
  canvas.style.height = `${height}px`;
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.scale(ratio, ratio);
  const [left, bottom] = [56, 20];
  const [wide, high] = [width - left - 8, height - bottom - 4];
  const [begin, end] = stretch ?? [from, until];
  const most = counts.reduce((a, b) => Math.max(a, b), 1);
  context.fillStyle = colour("--c5");
  const step = (until - from) / columns;
  for (let column = 0; column < columns; column += 1) {
    const x0 = ((from + column * step - begin) / (end - begin)) * wide;
    const x1 = ((from + (column + 1) * step - begin) / (end - begin)) * wide;
    if (x1 <= 0 || x0 >= wide) continue;
    for (let row = 0; row < rows; row += 1) {
      const count = counts[column * rows + row] ?? 0;
      if (count === 0) continue;
      // The eye compares sizes by their order: one slow request among a thousand has to be seen.
      context.globalAlpha = 0.15 + 0.85 * (Math.log(1 + count) / Math.log(1 + most));
      const y = 4 + high - ((row + 1) * high) / rows;
      const [a, b] = [Math.max(0, x0), Math.min(wide, x1)];
      context.fillRect(left + a, y, Math.max(1, b - a + 0.5), high / rows + 0.5);
    }
  }
  context.globalAlpha = 1;
  context.fillStyle = colour("--dim");
  context.font = "12px system-ui, sans-serif";
  context.textAlign = "right";
  context.textBaseline = "middle";
  const each = Math.max(1, Math.ceil((rows * 16) / high));
  for (let row = 0; row <= rows; row += each) {
    // The topmost one too has to be seen whole.
    context.fillText(ms(bounds[row]), left - 6, Math.max(8, 4 + high - (row * high) / rows));
  }
  context.textBaseline = "alphabetic";
  const marks = Math.max(1, Math.floor(wide / 110));
  for (let mark = 0; mark <= marks; mark += 1) {
    context.textAlign = mark === 0 ? "left" : mark === marks ? "right" : "center";
    context.fillText(utc(begin + ((end - begin) * mark) / marks), left + (wide * mark) / marks, height - 4);
  }
}

/** Sorts a table by the column whose heading is pressed. */
function sortable(table: HTMLTableElement): void {
  const body = table.tBodies[0];
  const head = table.tHead?.rows[0];
  if (body === undefined || head === undefined) return;
  const headings = [...head.cells];
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const down = heading.getAttribute("aria-sort") !== "descending";
      for (const other of headings) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      const numbers = heading.classList.contains("n");
      const of = (row: HTMLTableRowElement): string => row.cells[column]?.textContent ?? "";
      const number = (row: HTMLTableRowElement): number => {
        const value = Number.parseFloat(of(row).replace(/[,<>%\s]/g, ""));
        return Number.isNaN(value) ? -1 : value;
      };
      const sorted = [...body.rows].sort((a, b) => (numbers ? number(b) - number(a) : of(a).localeCompare(of(b))));
      if (!down) sorted.reverse();
      body.append(...sorted);
    });
  });
}

/** Shows the rows whose names hold what is typed. */
function filter(): void {
  const box = document.getElementById("filter");
  if (!(box instanceof HTMLInputElement)) return;
  box.addEventListener("input", () => {
    const wanted = box.value.toLowerCase();
    const tables = box.closest("section")?.querySelectorAll("tbody") ?? [];
    for (const body of tables) {
      for (const row of body.rows) row.hidden = !(row.querySelector("th")?.textContent ?? "").toLowerCase().includes(wanted);
    }
  });
}

/** Colours follow the system until the reader says otherwise; on paper they are light. */
function themes(): void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const redraw = (): void => {
    for (const plot of plots) plot.redraw(false, true);
    if (course !== null) heat(course);
  };
  dark.addEventListener("change", redraw);
  document.getElementById("theme")?.addEventListener("click", () => {
    const root = document.documentElement;
    const now = root.dataset["theme"] ?? (dark.matches ? "dark" : "light");
    root.dataset["theme"] = now === "dark" ? "light" : "dark";
    redraw();
  });
  let before: string | undefined;
  addEventListener("beforeprint", () => {
    before = document.documentElement.dataset["theme"];
    document.documentElement.dataset["theme"] = "light";
    for (const details of document.querySelectorAll("details")) details.open = true;
    redraw();
  });
  addEventListener("afterprint", () => {
    if (before === undefined) delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = before;
    redraw();
  });
}
