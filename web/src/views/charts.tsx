// The course of the run. The stretch of time is chosen by drawing over a chart or by buttons, and shared by all.

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { Chart, type Line, type Stretch } from "../chart.tsx";
import type { Course } from "../course.ts";
import { count, ms, quantile, rate } from "../format.ts";
import { Choice } from "../parts.tsx";
import { isNumbers, recall, remember } from "../prefs.ts";
import { Quantiles } from "../quantiles.tsx";
import type { Snapshot } from "../types.ts";

/** What is shown: all, the newest seconds, or a stretch that stands still. */
type Shown = { last: number } | Stretch;

/** Seconds below which nobody can zoom. */
const LEAST = 5;

const LASTS = [
  { value: "0", label: "All of the run" },
  { value: "60", label: "Last minute" },
  { value: "300", label: "Last 5 minutes" },
  { value: "900", label: "Last 15 minutes" },
];

const show = (as: (value: number) => string) => (value: number | null) => (value === null ? "\u2013" : as(value));

export function Charts(props: { snapshot: Snapshot; course: Course; theme: string }): VNode {
  const { snapshot, course, theme } = props;
  const [shown, setShown] = useState<Shown>({ last: 0 });
  const [chosen, setChosen] = useState(() => recall("quantiles", [0.5, 0.95, 0.99], isNumbers));

  if (course.at.length === 0) {
    return <div class="empty">Charts begin with the first second of a run.</div>;
  }
  const whole: Stretch = { from: course.at[0] ?? 0, until: Math.max(course.newest, (course.at[0] ?? 0) + 10) };
  const still = "from" in shown;
  const stretch = still
    ? shown
    : shown.last === 0
      ? whole
      : { from: Math.max(whole.from, whole.until - shown.last), until: whole.until };
  const zoom = (stretch: Stretch | null): void => setShown(stretch ?? { last: 0 });
  const length = stretch.until - stretch.from;
  const scale = (factor: number): void => {
    const middle = (stretch.from + stretch.until) / 2;
    const half = Math.max(LEAST, length * factor) / 2;
    zoom(within({ from: middle - half, until: middle + half }, whole));
  };
  const move = (part: number): void =>
    zoom(within({ from: stretch.from + length * part, until: stretch.until + length * part }, whole));
  const all = { at: course.at, stretch, zoom, theme };
  const times = course.percentiles.flatMap((value, index): Line[] =>
    chosen.includes(value)
      ? [{ label: quantile(value), colour: colourOf(value), values: course.times[index] ?? [], show: show(ms) }]
      : [],
  );
  const drops = course.dropped.some((value) => value > 0);

  return (
    <>
      <div class="tools">
        <Choice
          label="Time"
          value={still ? "still" : String(shown.last)}
          options={still ? [{ value: "still", label: "Chosen stretch" }, ...LASTS] : LASTS}
          choose={(value) => value !== "still" && setShown({ last: Number(value) })}
        />
        <span class="group" role="group" aria-label="Zoom">
          <button type="button" aria-label="Zoom in" disabled={length <= LEAST} onClick={() => scale(0.5)}>
            +
          </button>
          <button type="button" aria-label="Zoom out" disabled={!still && shown.last === 0} onClick={() => scale(2)}>
            {"\u2212"}
          </button>
          <button type="button" aria-label="Earlier" disabled={stretch.from <= whole.from} onClick={() => move(-0.5)}>
            {"\u2190"}
          </button>
          <button type="button" aria-label="Later" disabled={stretch.until >= whole.until} onClick={() => move(0.5)}>
            {"\u2192"}
          </button>
        </span>
        <Quantiles
          all={course.percentiles}
          chosen={chosen}
          max
          choose={(chosen) => {
            setChosen(chosen);
            remember("quantiles", chosen);
          }}
        />
        <span class="count">Draw over a chart to zoom in, double-click to see all.</span>
      </div>
      <div class="charts" data-points={course.at.length}>
        <Chart
          {...all}
          title="Requests per second"
          lines={[
            { label: "Requests/s", colour: 1, values: course.rps, show: show(rate) },
            { label: "Failures/s", colour: 2, values: course.failures, show: show(rate) },
          ]}
        />
        <Chart
          {...all}
          title="Response times, ms"
          lines={[{ label: "Mean", colour: 8, values: course.avg, show: show(ms), dashed: true }, ...times]}
        />
        <Chart
          {...all}
          title="Users and workers"
          lines={[
            { label: "Users", colour: 3, values: course.users, show: show(count), steps: true },
            { label: "Workers", colour: 4, values: course.workers, show: show(count), steps: true, right: true },
          ]}
        />
        <Chart
          {...all}
          title={drops ? "Generator lag, ms, and dropped starts" : "Generator lag, ms"}
          lines={[
            { label: "Worst lag", colour: 5, values: course.lag, show: show(ms) },
            {
              label: "Bound",
              colour: 2,
              values: course.at.map(() => snapshot.generator.lag_bound_ms),
              show: show(ms),
              dashed: true,
            },
            ...(drops
              ? [{ label: "Dropped starts/s", colour: 6, values: course.droppedRate(), show: show(rate), right: true }]
              : []),
          ]}
        />
      </div>
    </>
  );
}

/** The same length, moved into what there is; all if it is longer. */
function within(stretch: Stretch, whole: Stretch): Stretch | null {
  const length = stretch.until - stretch.from;
  if (length >= whole.until - whole.from) return null;
  const from = Math.min(Math.max(stretch.from, whole.from), whole.until - length);
  return { from, until: from + length };
}

/** Each percentile keeps its colour, whichever others are chosen. */
function colourOf(value: number): number {
  if (value <= 0.5) return 3;
  if (value < 0.9) return 7;
  if (value <= 0.95) return 1;
  if (value < 0.999) return 4;
  return value >= 1 ? 2 : 6;
}
