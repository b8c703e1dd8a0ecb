// What was measured, by name, tag or stage.

import type { VNode } from "preact";
import { useMemo, useState } from "preact/hooks";
import { bytes, count, ms, percent, quantile, rate } from "../format.ts";
import { isNumbers, isText, recall, remember } from "../prefs.ts";
import { type Column, Table } from "../table.tsx";
import type { Arrivals, Row, Snapshot, Threshold } from "../types.ts";
import { Choice } from "../parts.tsx";
import { Quantiles } from "../quantiles.tsx";

type By = "name" | "tag" | "stage";
interface Line {
  key: string;
  label: string;
  row: Row;
}

/** Which times of a row are shown. */
type Times = "sent" | "intended";

export function Statistics({ snapshot }: { snapshot: Snapshot }): VNode {
  const [by, setBy] = useState<By>("name");
  const [recent, setRecent] = useState(() => recall("recent", "run", isText) === "recent");
  const [times, setTimes] = useState<Times>("sent");
  const [chosen, setChosen] = useState(() => recall("quantiles", [0.5, 0.95, 0.99], isNumbers));

  const cuts: [By, string, boolean][] = [
    ["name", "Name", true],
    ["tag", "Tag", snapshot.tags.length > 0],
    ["stage", "Stage", snapshot.stages.length > 0],
  ];
  const open = snapshot.total.from_intended !== undefined;
  const offered = cuts.filter(([, , there]) => there).map(([value, label]) => ({ value, label }));
  const shown = offered.some(({ value }) => value === by) ? by : "name";
  const lines = useMemo(() => linesOf(snapshot, shown), [snapshot, shown]);
  const columns = useMemo(
    () => columnsOf(shown, chosen, snapshot.percentiles, recent, open ? times : "sent"),
    [shown, chosen.join(), snapshot.percentiles.join(), recent, times, open],
  );

  return (
    <>
      <Thresholds snapshot={snapshot} />
      <Table
        label="Statistics"
        columns={columns}
        rows={lines}
        rowKey={(line) => line.key}
        search={(line) => `${line.row.method} ${line.label}`}
        total={{ key: "total", label: "Aggregated", row: snapshot.total }}
        empty="No request has been made yet."
        tools={
          <>
            {offered.length > 1 && <Choice label="Rows by" value={shown} options={offered} choose={setBy} />}
            <Choice
              label="Percentiles of"
              value={recent ? "recent" : "run"}
              options={[
                { value: "run", label: "Whole run" },
                { value: "recent", label: "Last 10 s" },
              ]}
              choose={(value) => {
                setRecent(value === "recent");
                remember("recent", value);
              }}
            />
            {open && (
              <Choice
                label="Times from"
                value={times}
                options={[
                  { value: "sent", label: "Sending" },
                  { value: "intended", label: "Intended start" },
                ]}
                choose={setTimes}
              />
            )}
            <Quantiles
              all={snapshot.percentiles}
              chosen={chosen}
              choose={(chosen) => {
                setChosen(chosen);
                remember("quantiles", chosen);
              }}
            />
          </>
        }
      />
      {snapshot.arrivals.length > 0 && (
        <Table
          label="Open load"
          columns={arrivals}
          rows={snapshot.arrivals}
          rowKey={(row) => row.user_class}
          empty="There is no open load."
        />
      )}
    </>
  );
}

/** How the run stands to its thresholds; nothing where there are none. */
function Thresholds({ snapshot }: { snapshot: Snapshot }): VNode | null {
  const over = snapshot.end !== null;
  const columns = useMemo(() => thresholds(over), [over]);
  if (snapshot.thresholds.length === 0) return null;
  return (
    <Table
      label="Thresholds"
      columns={columns}
      rows={snapshot.thresholds}
      rowKey={(row) => row.text}
      empty="There are no thresholds."
    />
  );
}

function thresholds(over: boolean): Column<Threshold>[] {
  const state = ({ state, aborted }: Threshold): string => {
    if (state === "passed") return "kept";
    if (state === "broken") return aborted ? "broken, stopped the run" : "broken";
    return over ? "broken: nothing was measured" : "nothing measured yet";
  };
  return [
    { key: "text", label: "Fails if", text: true, by: (row) => row.text, cell: (row) => row.text },
    { key: "value", label: "Measured", by: (row) => row.value, cell: measured },
    {
      key: "state",
      label: "State",
      text: true,
      by: state,
      cell: state,
      mark: (row) => (row.state === "broken" || (over && row.state !== "passed") ? "bad" : undefined),
    },
  ];
}

function measured({ value, unit }: Threshold): string {
  if (value === null) return ms(null);
  switch (unit) {
    case "ms":
      return `${ms(value)} ms`;
    case "ratio":
      return percent(value);
    case "count":
      return count(value);
    case "per_second":
      return `${rate(value)}/s`;
  }
}

/** What open load has started, and what it dropped because no user was free. */
const arrivals: Column<Arrivals>[] = [
  { key: "name", label: "Open load", text: true, by: (row) => row.user_class, cell: (row) => row.user_class },
  {
    key: "wanted",
    label: "Wanted/s",
    title: "Starts per second that are wanted now",
    by: (row) => row.rate,
    cell: (row) => (row.rate === null ? ms(null) : rate(row.rate)),
  },
  { key: "started", label: "Started", by: (row) => row.started, cell: (row) => count(row.started) },
  {
    key: "dropped",
    label: "Dropped",
    title: "Starts that found no free user",
    by: (row) => row.dropped,
    cell: (row) => count(row.dropped),
    mark: (row) => (row.dropped > 0 ? "bad" : undefined),
  },
];

function linesOf(snapshot: Snapshot, by: By): Line[] {
  if (by === "name") {
    return snapshot.rows.map((row) => ({ key: `${row.method} ${row.name}`, label: row.name, row }));
  }
  const cuts = by === "tag" ? snapshot.tags : snapshot.stages;
  return cuts.map(({ label, row }) => ({ key: label, label, row }));
}

function columnsOf(by: By, chosen: number[], all: number[], recent: boolean, times: Times): Column<Line>[] {
  const intended = times === "intended";
  const figures = (row: Row): { min: number | null; avg: number | null; max: number | null; of: number[] | null } => {
    const { from_intended: open } = row;
    if (intended) {
      const of = (recent ? open?.current_percentiles : open?.percentiles) ?? null;
      return { min: open?.min ?? null, avg: open?.avg ?? null, max: open?.max ?? null, of };
    }
    const timed = row.min_response_time !== null;
    return {
      min: row.min_response_time,
      avg: timed ? row.avg_response_time : null,
      max: timed ? row.max_response_time : null,
      of: recent ? row.current_percentiles : row.percentiles,
    };
  };
  const number = (
    key: string,
    label: string,
    title: string,
    by: (row: Row) => number | null | undefined,
    show: (value: number) => string,
  ): Column<Line> => ({
    key,
    label,
    title,
    by: ({ row }) => by(row),
    cell: ({ row }) => {
      const value = by(row);
      return value === null || value === undefined ? ms(null) : show(value);
    },
  });
  const failed = (line: Line): string | undefined => (line.row.num_failures > 0 ? "bad" : undefined);
  const name: Column<Line> = {
    key: "name",
    label: by === "name" ? "Name" : by === "tag" ? "Tag" : "Stage",
    text: true,
    by: (line) => line.label,
    cell: (line) => line.label,
  };
  const method: Column<Line> = {
    key: "method",
    label: "Type",
    text: true,
    by: ({ row }) => row.method,
    cell: ({ row }) => row.method,
  };
  return [
    ...(by === "name" ? [method] : []),
    name,
    number("requests", "Requests", "Requests, failed ones included", (row) => row.num_requests, count),
    { ...number("fails", "Fails", "Failed requests", (row) => row.num_failures, count), mark: failed },
    { ...number("ratio", "Fails %", "Share of requests that failed", (row) => row.fail_ratio, percent), mark: failed },
    number("rps", "RPS", "Requests per second, last 10 s", (row) => row.current_rps, rate),
    number("failrate", "Fails/s", "Failures per second, last 10 s", (row) => row.current_fail_per_sec, rate),
    number("avg", "Avg ms", "Mean response time, whole run", (row) => figures(row).avg, ms),
    number("min", "Min ms", "Shortest response time, whole run", (row) => figures(row).min, ms),
    ...all.flatMap((value, index) =>
      chosen.includes(value) && value < 1
        ? [
            number(
              `p${value}`,
              quantile(value),
              `${Number((value * 100).toFixed(4))} % of requests took no longer, ms${recent ? ", last 10 s" : ""}`,
              (row) => figures(row).of?.[index],
              ms,
            ),
          ]
        : [],
    ),
    number("max", "Max ms", "Longest response time, whole run", (row) => figures(row).max, ms),
    number("size", "Avg size", "Mean size of the answers' bodies", (row) => row.avg_content_length, bytes),
  ];
}
