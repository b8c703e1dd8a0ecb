// One chart over the course of a run, drawn by uPlot. All charts of a page share the stretch of time that they show, and
// the cursor. Below the chart stands what the lines are, with the values at the cursor, as text.

import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { clock } from "./format.ts";

/** The stretch of time that is shown, unix seconds. */
export interface Stretch {
  from: number;
  until: number;
}

export interface Line {
  label: string;
  /** Which of the colours of the style sheet: 1 to 8. */
  colour: number;
  values: (number | null)[];
  show: (value: number | null) => string;
  /** Has an axis of its own at the right. */
  right?: boolean;
  dashed?: boolean;
  steps?: boolean;
}

interface Props {
  title: string;
  at: number[];
  lines: Line[];
  stretch: Stretch;
  zoom: (stretch: Stretch | null) => void;
  /** Changes with the colours. */
  theme: string;
}

const HEIGHT = 220;

/** Joins the cursors. */
const TOGETHER = "akrida";

export function Chart(props: Props): VNode {
  const { title, at, lines, stretch, zoom, theme } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [index, setIndex] = useState<number | null>(null);
  const zoomed = useRef(zoom);
  zoomed.current = zoom;

  // Made anew when there are other lines, and only then.
  const shape = lines.map((line) => `${line.label}/${line.colour}`).join();
  useEffect(() => {
    const place = box.current;
    if (place === null) return;
    const made = new uPlot(options(place, lines, setIndex, zoomed), dataOf(at, lines), place);
    plot.current = made;
    const doubled = (): void => zoomed.current(null);
    made.over.addEventListener("dblclick", doubled);
    const size = new ResizeObserver(() => made.setSize({ width: place.clientWidth, height: HEIGHT }));
    size.observe(place);
    return () => {
      size.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape, theme]);

  // New points, another stretch or other colours are drawn once, together.
  const { from, until } = stretch;
  useEffect(() => {
    const made = plot.current;
    if (made === null) return;
    made.batch(() => {
      made.setData(dataOf(at, lines), false);
      made.setScale("x", { min: from, max: until });
    });
  }, [at.length, at.at(-1), from, until, shape, theme]);

  const last = index ?? lastWithin(at, until);
  const moment = at[last];
  const spoken = lines.map((line) => `${line.label} ${line.show(line.values[last] ?? null)}`).join(", ");
  return (
    <figure class="chart card">
      <figcaption>
        <h2>{title}</h2>
        <ul class="legend">
          {lines.map((line) => (
            <li key={line.label}>
              <span class={`swatch c${line.colour}${line.dashed === true ? " dashed" : ""}`} aria-hidden="true" />
              {line.label} <b>{line.show(line.values[last] ?? null)}</b>
            </li>
          ))}
          <li class="moment">{moment === undefined ? "" : clock(moment)}</li>
        </ul>
      </figcaption>
      <div class="plot" ref={box} role="img" aria-label={`${title}. Newest values: ${spoken}`} />
    </figure>
  );
}

/** The index of the newest point that is shown. */
function lastWithin(at: number[], until: number): number {
  let last = at.length - 1;
  while (last > 0 && (at[last] ?? 0) > until) last -= 1;
  return last;
}

function dataOf(at: number[], lines: Line[]): uPlot.AlignedData {
  return [at, ...lines.map((line) => line.values)];
}

function options(
  place: HTMLElement,
  lines: Line[],
  point: (index: number | null) => void,
  zoom: { current: (stretch: Stretch | null) => void },
): uPlot.Options {
  const style = getComputedStyle(place);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const text = colour("--dim");
  const axis = {
    stroke: text,
    font: "12px system-ui, sans-serif",
    ticks: { show: false },
    grid: { stroke: colour("--line"), width: 1 },
  };
  const right = lines.some((line) => line.right === true);
  const unit = (self: uPlot, splits: number[]): string[] => {
    void self;
    return splits.map((value) => short(value));
  };
  // The axis begins at nothing, and holds something also where all values are nothing.
  const range = (_: uPlot, __: number | null, max: number | null): [number, number] => [
    0,
    max === null || max <= 0 ? 1 : max * 1.1,
  ];
  return {
    width: place.clientWidth,
    height: HEIGHT,
    padding: [8, right ? 0 : 26, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: TOGETHER, setSeries: false },
      drag: { x: true, y: false, setScale: false },
      points: { size: 7 },
    },
    select: { show: true, left: 0, top: 0, width: 0, height: 0 },
    scales: { x: { time: true }, y: { range }, right: { range } },
    axes: [
      { ...axis, values: (_, splits, __, ___, step) => splits.map((at) => tick(at, step)), space: 70, size: 28 },
      { ...axis, values: unit, size: 52 },
      ...(right
        ? [{ ...axis, values: unit, size: 40, side: 1 as const, scale: "right", grid: { show: false } }]
        : []),
    ],
    series: [
      {},
      ...lines.map((line): uPlot.Series => {
        const steps = line.steps === true ? uPlot.paths.stepped?.({ align: 1 }) : undefined;
        return {
          label: line.label,
          scale: line.right === true ? "right" : "y",
          stroke: colour(`--c${line.colour}`),
          width: 1.75,
          points: { show: line.values.length < 2 },
          spanGaps: false,
          ...(line.dashed === true ? { dash: [5, 4] } : {}),
          ...(steps === undefined ? {} : { paths: steps }),
        };
      }),
    ],
    hooks: {
      setCursor: [
        (self) => {
          const inside = (self.cursor.left ?? -1) >= 0;
          point(inside ? (self.cursor.idx ?? null) : null);
        },
      ],
      setSelect: [
        (self) => {
          const { left, width } = self.select;
          if (width < 8) return;
          const [from, until] = [self.posToVal(left, "x"), self.posToVal(left + width, "x")];
          self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          zoom.current({ from, until });
        },
      ],
    },
  };
}

/** A number of an axis: `1.5k`. */
function short(value: number): string {
  const strip = (text: string): string => text.replace(/\.?0+$/, "");
  if (value >= 1e6) return `${strip((value / 1e6).toFixed(2))}M`;
  if (value >= 1e4) return `${strip((value / 1e3).toFixed(1))}k`;
  return String(Number(value.toFixed(3)));
}

function tick(at: number, step: number): string {
  if (step >= 86_400) {
    const date = new Date(at * 1000);
    return `${date.getMonth() + 1}-${date.getDate()}`;
  }
  return step >= 60 ? clock(at).slice(0, 5) : clock(at);
}
