// The course of a run: columns of the history, to which each snapshot adds its newest point.

import type { HistoryAnswer, Point } from "./types.ts";

/** Points that are kept. Above that every second one goes, as the master does it at half as many. */
const POINTS = 4096;

/** Seconds without a point after which one was missed. */
const GAP = 5;

export class Course {
  start = 0;
  percentiles: number[] = [];
  at: number[] = [];
  users: number[] = [];
  workers: number[] = [];
  rps: number[] = [];
  failures: number[] = [];
  avg: (number | null)[] = [];
  lag: number[] = [];
  dropped: number[] = [];
  times: (number | null)[][] = [];

  /** The moment of the newest point; 0 if there is none. */
  get newest(): number {
    return this.at.at(-1) ?? 0;
  }

  /** Takes an answer of `api/v1/history`: all of it, or what came after the newest point. */
  take(answer: HistoryAnswer, anew: boolean): void {
    if (anew) {
      Object.assign(this, new Course());
      this.percentiles = answer.percentiles;
      this.times = answer.percentiles.map(() => []);
    }
    this.start = answer.start;
    for (let index = 0; index < answer.at.length; index += 1) {
      const response_times = answer.response_times.map((column) => column[index] ?? null);
      this.push(answer.at[index] ?? 0, {
        user_count: answer.user_count[index] ?? 0,
        worker_count: answer.worker_count[index] ?? 0,
        rps: answer.rps[index] ?? 0,
        fail_per_sec: answer.fail_per_sec[index] ?? 0,
        avg: answer.avg[index] ?? null,
        lag_ms: answer.lag_ms[index] ?? 0,
        dropped: answer.dropped[index] ?? 0,
        response_times,
      });
    }
  }

  /** Whether points are missing between the newest one and this. */
  misses(point: Point): boolean {
    const before = this.at.at(-2);
    const usual = before === undefined ? 1 : this.newest - before;
    return point.at - this.newest > Math.max(GAP, 3 * usual);
  }

  /** Adds a snapshot's point, if it is newer than all others. */
  add(point: Point): void {
    this.push(point.at, point);
  }

  private push(
    at: number,
    point: Omit<Point, "at" | "response_times"> & { response_times: (number | null)[] | null },
  ): void {
    if (at <= this.newest) return;
    this.at.push(at);
    this.users.push(point.user_count);
    this.workers.push(point.worker_count);
    this.rps.push(point.rps);
    this.failures.push(point.fail_per_sec);
    this.avg.push(point.avg);
    this.lag.push(point.lag_ms);
    this.dropped.push(point.dropped);
    this.times.forEach((column, index) => column.push(point.response_times?.[index] ?? null));
    if (this.at.length > POINTS) this.thin();
  }

  private thin(): void {
    const half = <T>(column: T[]): T[] => column.filter((_, index) => index % 2 === 1);
    this.at = half(this.at);
    this.users = half(this.users);
    this.workers = half(this.workers);
    this.rps = half(this.rps);
    this.failures = half(this.failures);
    this.avg = half(this.avg);
    this.lag = half(this.lag);
    this.dropped = half(this.dropped);
    this.times = this.times.map(half);
  }

  /** Starts dropped in each second, from the sums. */
  droppedRate(): number[] {
    return this.dropped.map((value, index) => {
      const before = this.dropped[index - 1];
      const seconds = (this.at[index] ?? 0) - (this.at[index - 1] ?? 0);
      return before === undefined || seconds <= 0 ? 0 : Math.max(0, value - before) / seconds;
    });
  }
}
