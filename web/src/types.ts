// What the master tells: the answers of `api/v1`, as crates/ui/API.md describes them.
// Names, errors and log lines are text of strangers: they are shown as text, never as markup.

export type State = "ready" | "spawning" | "running" | "stopping" | "stopped";

export interface Task {
  name: string;
  weight: number;
  ratio: number;
}

export interface UserClass {
  name: string;
  weight: number;
  fixed_count: number;
  host: string | null;
  chosen: boolean;
  open: boolean;
  tasks: Task[];
  /** Names of all tasks that the class can have, with those that were taken away. */
  all_tasks: string[];
}

/** Something that may be set for a run. Values are texts, as a form has them. */
export interface CustomOption {
  name: string;
  kind: "boolean" | "integer" | "number" | "string";
  value: string;
  choices: string[];
  help: string | null;
}

/** What can be started. */
export interface Test {
  version: string;
  locustfile: string;
  distributed: boolean;
  /** The port by which workers come, where that is not the usual one. */
  master_port: number | null;
  class_picker: boolean;
  profile: string | null;
  defaults: {
    users: number;
    spawn_rate: number;
    run_time: string | null;
    host: string | null;
    stages: string | null;
  };
  host_required: string | null;
  stop_timeout: number;
  full_history: boolean;
  /** Whether runs are kept in files. */
  runs: boolean;
  login: string | null;
  user_classes: UserClass[];
  options: CustomOption[];
}

export interface FromIntended {
  count: number;
  min: number;
  max: number;
  avg: number;
  percentiles: number[];
  current_percentiles: number[] | null;
}

export interface Row {
  method: string;
  name: string;
  num_requests: number;
  num_failures: number;
  fail_ratio: number;
  min_response_time: number | null;
  max_response_time: number;
  avg_response_time: number;
  median_response_time: number;
  avg_content_length: number;
  current_rps: number;
  current_fail_per_sec: number;
  total_rps: number;
  total_fail_per_sec: number;
  percentiles: number[] | null;
  current_percentiles: number[] | null;
  from_intended?: FromIntended;
}

export interface Cut {
  label: string;
  row: Row;
}

export interface ErrorRow {
  method: string;
  name: string;
  error: string;
  occurrences: number;
  first_seen: number | null;
  last_seen: number | null;
}

export interface ExceptionRow {
  count: number;
  msg: string;
  traceback: string;
  nodes: string[];
}

export interface Worker {
  id: string;
  index: number;
  version: string | null;
  generation?: string | null;
  akrida: boolean;
  state: "ready" | "spawning" | "running" | "missing";
  idle?: string | null;
  user_count: number;
  cpu_usage: number;
  memory_usage: number;
  lag_ms: number | null;
  saturated: boolean;
  clock_ahead_ms: number | null;
}

export interface Arrivals {
  user_class: string;
  rate: number | null;
  started: number;
  dropped: number;
}

export interface Point {
  at: number;
  user_count: number;
  worker_count: number;
  rps: number;
  fail_per_sec: number;
  avg: number | null;
  response_times: number[] | null;
  lag_ms: number;
  dropped: number;
}

export interface Snapshot {
  seq: number;
  at: number;
  start: number;
  end: number | null;
  state: State;
  user_count: number;
  target_user_count: number;
  spawn_rate: number;
  user_classes: Record<string, number>;
  host: string | null;
  time_left: number | null;
  stage: { index: number; of: number; name: string } | null;
  percentiles: number[];
  rows: Row[];
  total: Row;
  tags: Cut[];
  stages: Cut[];
  arrivals: Arrivals[];
  errors: ErrorRow[];
  exceptions: ExceptionRow[];
  now: { rps: number; fail_per_sec: number; median: number | null; p95: number | null; avg: number | null };
  workers: Worker[];
  worker_count: number;
  master: { cpu_usage: number; memory_usage: number; lag_ms: number };
  generator: {
    saturated_now: boolean;
    saturated_seconds: number;
    lag_bound_ms: number;
    worst_lag_ms: number;
    master_lag_ms: number;
  };
  thresholds: Threshold[];
  notices: string[];
  point: Point | null;
}

/** How the run stands to a condition under which it has failed. */
export interface Threshold {
  text: string;
  value: number | null;
  bound: number;
  unit: "ms" | "ratio" | "count" | "per_second";
  state: "passed" | "broken" | "unmeasured";
  aborted: boolean;
}

/** The course of a run, in columns. */
export interface HistoryAnswer {
  start: number;
  percentiles: number[];
  at: number[];
  user_count: number[];
  worker_count: number[];
  rps: number[];
  fail_per_sec: number[];
  avg: (number | null)[];
  lag_ms: number[];
  dropped: number[];
  response_times: (number | null)[][];
}

export interface Logs {
  next: number;
  master: string[];
  workers: Record<string, string[]>;
}

/** The workers that Kubernetes runs. */
export interface Rescaling {
  in_cluster: boolean;
  deployment: string;
  namespace: string | null;
  min: number;
  max: number;
  follows: string | null;
  numbers: { wanted: number; existing: number } | null;
  connected: number;
  agree: boolean;
  problem: string | null;
  notes: { text: string; command: string | null }[];
  /** Newest first. */
  changes: { at: number; text: string }[];
  rehearsal: { passed: boolean; message: string } | null;
}

/** How a wish was answered. */
export interface Answer {
  success: boolean;
  message: string;
  field?: string;
}
