// What the master tells, as it tells it: the history first, then a snapshot by each event. Readers are told once per
// frame of the screen, however many snapshots came. When the master is gone it is asked again until it is back.

import { Course } from "./course.ts";
import { Unreachable, read } from "./api.ts";
import type { HistoryAnswer, Logs, Snapshot, Test } from "./types.ts";

/** Milliseconds of silence after which events are held to be held back: comments come each ten seconds. */
const SILENCE = 15_000;

/** Milliseconds between two questions while events do not come. */
const POLL = 2_000;

/** Milliseconds until the stream of events is opened again after it was refused. */
const AGAIN = 2_000;

/** Lines of a log that are kept, as the master does. */
const LINES = 500;

export type Connection = "live" | "polling" | "lost";

export class Live {
  test: Test;
  snapshot: Snapshot;
  course = new Course();
  connection: Connection = "live";
  log: string[] = [];
  workerLogs: Record<string, string[]> = {};

  private source: EventSource | null = null;
  private heard = 0;
  private nextLine = 0;
  private askedAt = 0;
  private fetching = false;
  private readers = new Set<() => void>();
  private frame = 0;

  private constructor(test: Test, snapshot: Snapshot) {
    this.test = test;
    this.snapshot = snapshot;
  }

  /** Reads what there is, and then listens. */
  static async begin(): Promise<Live> {
    const [test, snapshot] = await Promise.all([
      read<Test>("api/v1/test"),
      read<Snapshot>("api/v1/snapshot"),
    ]);
    const live = new Live(test, snapshot);
    live.heard = performance.now();
    document.addEventListener("visibilitychange", () => live.attend());
    // A page that comes back from the browser's memory has lost its stream.
    addEventListener("pageshow", (event) => event.persisted && live.attend());
    addEventListener("pagehide", () => live.close());
    setInterval(() => void live.watch(), 1_000);
    live.attend();
    void live.history(true);
    return live;
  }

  /** Calls `reader` after each change, until what is returned is called. */
  subscribe(reader: () => void): () => void {
    this.readers.add(reader);
    return () => this.readers.delete(reader);
  }

  /** What a form proposes may have changed. */
  async refreshTest(): Promise<void> {
    try {
      this.test = await read<Test>("api/v1/test");
      this.changed();
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
    }
  }

  /** Workers' logs are not in the stream. */
  async refreshLogs(): Promise<void> {
    try {
      const logs = await read<Logs>(`api/v1/logs?since=${this.nextLine}`);
      this.lines(logs.next, logs.master);
      this.workerLogs = logs.workers;
      this.changed();
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
    }
  }

  /** Listens while the page can be seen: a browser has six connections to a server, for all of its tabs. */
  private attend(): void {
    if (document.hidden) {
      this.close();
    } else if (this.source === null) {
      this.open();
    }
  }

  private open(): void {
    const source = new EventSource("api/v1/events");
    this.source = source;
    source.addEventListener("open", () => this.listened("live"));
    source.addEventListener("snapshot", (event: MessageEvent<string>) => {
      this.listened("live");
      this.take(JSON.parse(event.data) as Snapshot);
    });
    source.addEventListener("log", (event: MessageEvent<string>) => {
      this.listened("live");
      const { next, lines } = JSON.parse(event.data) as { next: number; lines: string[] };
      this.lines(next, lines);
      this.changed();
    });
    source.addEventListener("error", () => {
      // The browser tries again by itself, unless it was refused.
      if (source.readyState === EventSource.CLOSED) {
        this.close();
        setTimeout(() => this.attend(), AGAIN);
      }
      void this.ask();
    });
  }

  private close(): void {
    this.source?.close();
    this.source = null;
  }

  private listened(how: Connection): void {
    this.heard = performance.now();
    if (this.connection === how) return;
    // A master that was away may be another one: with other classes, and another version.
    if (this.connection === "lost") void this.refreshTest();
    this.connection = how;
    this.changed();
  }

  /** Each second: asks where events do not come. */
  private async watch(): Promise<void> {
    if (document.hidden) return;
    const now = performance.now();
    const silent = this.connection !== "live" || now - this.heard > SILENCE;
    if (silent && now - this.askedAt >= POLL) await this.ask();
  }

  private async ask(): Promise<void> {
    this.askedAt = performance.now();
    try {
      const snapshot = await read<Snapshot>("api/v1/snapshot");
      this.listened("polling");
      this.take(snapshot);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      if (this.connection !== "lost") {
        this.connection = "lost";
        this.changed();
      }
    }
  }

  private take(snapshot: Snapshot): void {
    this.snapshot = snapshot;
    const { point, start } = snapshot;
    if (start !== this.course.start) {
      void this.history(true);
    } else if (point !== null && this.course.misses(point)) {
      void this.history(false);
    } else if (point !== null) {
      this.course.add(point);
    }
    this.changed();
  }

  private async history(anew: boolean): Promise<void> {
    if (this.fetching) return;
    this.fetching = true;
    try {
      const since = anew ? "" : `?since=${this.course.newest}`;
      this.course.take(await read<HistoryAnswer>(`api/v1/history${since}`), anew);
      this.changed();
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
    } finally {
      this.fetching = false;
    }
  }

  private lines(next: number, lines: string[]): void {
    // After a master that began anew, its numbers are lower than those known.
    if (next < this.nextLine) this.log = [];
    const fresh = Math.min(lines.length, Math.max(0, next < this.nextLine ? lines.length : next - this.nextLine));
    this.log = [...this.log, ...lines.slice(lines.length - fresh)].slice(-LINES);
    this.nextLine = next;
  }

  private changed(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      for (const reader of this.readers) reader();
    });
  }
}
