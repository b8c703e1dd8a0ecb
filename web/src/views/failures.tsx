// Failures of requests, and exceptions in users.

import type { VNode } from "preact";
import { clock, count, moment, plural } from "../format.ts";
import { type Column, Table } from "../table.tsx";
import type { ErrorRow, ExceptionRow, Snapshot } from "../types.ts";

const failures: Column<ErrorRow>[] = [
  {
    key: "occurrences",
    label: "Fails",
    title: "How often",
    by: (row) => row.occurrences,
    cell: (row) => count(row.occurrences),
  },
  { key: "method", label: "Type", text: true, by: (row) => row.method, cell: (row) => row.method },
  { key: "name", label: "Name", text: true, by: (row) => row.name, cell: (row) => row.name },
  { key: "error", label: "Error", text: true, by: (row) => row.error, cell: (row) => row.error },
  { key: "first", label: "First", by: (row) => row.first_seen, cell: (row) => at(row.first_seen) },
  { key: "last", label: "Last", by: (row) => row.last_seen, cell: (row) => at(row.last_seen) },
];

function at(seen: number | null): VNode {
  return <span title={seen === null ? undefined : moment(seen)}>{clock(seen)}</span>;
}

export function Failures({ snapshot }: { snapshot: Snapshot }): VNode {
  return (
    <Table
      label="Failures"
      columns={failures}
      rows={snapshot.errors}
      rowKey={(row) => `${row.method} ${row.name} ${row.error}`}
      search={(row) => `${row.method} ${row.name} ${row.error}`}
      first={{ key: "occurrences", down: true }}
      empty="No request has failed."
    />
  );
}

const exceptions: Column<ExceptionRow>[] = [
  { key: "count", label: "Count", by: (row) => row.count, cell: (row) => count(row.count) },
  {
    key: "error",
    label: "Exception",
    text: true,
    by: (row) => row.msg,
    cell: (row) => (
      <details>
        <summary>{row.msg === "" ? "(no message)" : row.msg}</summary>
        <pre>{row.traceback}</pre>
        <p>
          On {plural(row.nodes.length, "worker")}: {row.nodes.join(", ")}
        </p>
      </details>
    ),
  },
  { key: "nodes", label: "Workers", by: (row) => row.nodes.length, cell: (row) => count(row.nodes.length) },
];

export function Exceptions({ snapshot }: { snapshot: Snapshot }): VNode {
  return (
    <Table
      label="Exceptions"
      columns={exceptions}
      rows={snapshot.exceptions}
      rowKey={(row) => row.traceback}
      search={(row) => `${row.msg} ${row.traceback} ${row.nodes.join(" ")}`}
      first={{ key: "count", down: true }}
      empty="No user has raised an exception."
    />
  );
}
