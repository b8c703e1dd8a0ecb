// Who makes the load, and how each of them is.

import type { VNode } from "preact";
import { bytes, count, ms, plural } from "../format.ts";
import { type Column, Table } from "../table.tsx";
import type { Snapshot, Test, Worker } from "../types.ts";
import { Rescale } from "./rescale.tsx";

/** Percent of a core above which a worker of Locust cannot keep up. */
const BUSY = 90;

const columns: Column<Worker>[] = [
  {
    key: "state",
    label: "State",
    text: true,
    by: (row) => row.state,
    cell: (row) => (
      <>
        <span class={`state ${row.state}`}>{row.state}</span>
        {row.saturated && <span class="state saturated">saturated</span>}
        {row.idle !== undefined && row.idle !== null && (
          <span class="state idle" title={row.idle}>
            no users: {row.idle}
          </span>
        )}
      </>
    ),
  },
  { key: "id", label: "Worker", text: true, by: (row) => row.id, cell: (row) => row.id },
  { key: "users", label: "Users", by: (row) => row.user_count, cell: (row) => count(row.user_count) },
  {
    key: "cpu",
    label: "CPU %",
    title: "CPU use of its process in percent of one core",
    by: (row) => row.cpu_usage,
    cell: (row) => count(row.cpu_usage),
    mark: (row) => (!row.akrida && row.cpu_usage > BUSY ? "bad" : undefined),
  },
  {
    key: "memory",
    label: "Memory",
    title: "Resident memory of its process",
    by: (row) => row.memory_usage,
    cell: (row) => bytes(row.memory_usage),
  },
  {
    key: "lag",
    label: "Lag ms",
    title: "95th percentile of how late it started what it should start, last second",
    by: (row) => row.lag_ms,
    cell: (row) => ms(row.lag_ms),
    mark: (row) => (row.saturated ? "bad" : undefined),
  },
  {
    key: "clock",
    label: "Clock ms",
    title: "How far its clock is ahead of the master's; figures of Akrida's workers are corrected by it",
    by: (row) => row.clock_ahead_ms,
    cell: (row) => (row.clock_ahead_ms === null ? ms(null) : count(row.clock_ahead_ms)),
  },
  { key: "kind", label: "Kind", text: true, by: kind, cell: kind },
  {
    key: "version",
    label: "Version",
    text: true,
    by: (row) => row.version,
    cell: (row) => [row.version ?? "", row.generation ?? ""].filter((part) => part !== "").join(", ") || ms(null),
  },
  { key: "index", label: "Number", by: (row) => row.index, cell: (row) => count(row.index) },
];

function kind(row: Worker): string {
  return row.akrida ? "Akrida" : "Locust";
}

export function Workers({ snapshot, test }: { snapshot: Snapshot; test: Test }): VNode {
  const missing = snapshot.workers.filter((worker) => worker.state === "missing").length;
  const { master, generator } = snapshot;
  return (
    <>
      {test.distributed && <Rescale connected={snapshot.worker_count} />}
      <p class="facts">
        {plural(snapshot.worker_count, "worker")}
        {missing > 0 && <strong class="bad">, {count(missing)} missing</strong>}. The master's process: CPU{" "}
        {count(master.cpu_usage)} %, memory {bytes(master.memory_usage)}, {ms(master.lag_ms)} ms late. Worst lag of a
        worker in this run: {ms(generator.worst_lag_ms)} ms (bound: {ms(generator.lag_bound_ms)} ms).
      </p>
      <Table
        label="Workers"
        columns={columns}
        rows={snapshot.workers}
        rowKey={(row) => row.id}
        search={(row) => `${row.state} ${row.id} ${kind(row)} ${row.version ?? ""}`}
        empty={<NoWorkers test={test} />}
      />
    </>
  );
}

/** What to do when nobody is there to make the load. */
export function NoWorkers({ test }: { test: Test }): VNode {
  const port = test.master_port === null ? "" : ` --master-port ${test.master_port}`;
  const master = `--master-host ${location.hostname}${port}`;
  return (
    <div class="how">
      <h2>No worker is connected yet</h2>
      <p>Workers make the load. Start some on this or other machines; they appear here by themselves:</p>
      <pre>
        akrida -f {test.locustfile === "" ? "FILE" : test.locustfile} --worker {master}
      </pre>
      <p>
        Workers of Locust may join, too: <code>locust -f FILE --worker {master}</code>
      </p>
    </div>
  );
}
