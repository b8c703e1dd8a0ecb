// What needs no browser: numbers as people read them, and the course of a run.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { Course } from "../src/course.ts";
import { NOTHING, bytes, count, ms, percent, plural, quantile, rate, span } from "../src/format.ts";
import type { HistoryAnswer, Point } from "../src/types.ts";

describe("numbers", () => {
  // crates/ui/src/pages/text.rs writes the same.
  const table = JSON.parse(readFileSync("tests/numbers.json", "utf8")) as Record<string, [number, string][]>;
  const formats = { count, signed: count, rate, ms, percent, bytes, span };
  for (const [name, format] of Object.entries(formats)) {
    for (const [value, expected] of table[name] ?? []) {
      it(`${name} of ${value}`, () => assert.equal(format(value), expected));
    }
  }

  it("has a format for each part of the table", () => assert.deepEqual(Object.keys(table), Object.keys(formats)));

  it("what is not there, and words", () => {
    assert.equal(ms(null), NOTHING);
    assert.deepEqual([0.5, 0.9999, 1].map(quantile), ["p50", "p99.99", "Max"]);
    assert.deepEqual([plural(1, "worker"), plural(2_000, "worker")], ["1 worker", "2,000 workers"]);
  });
});

describe("the course of a run", () => {
  const point = (at: number, dropped = 0): Point => ({
    at,
    user_count: at,
    worker_count: 1,
    rps: 2,
    fail_per_sec: 0,
    avg: null,
    response_times: [3, 4],
    lag_ms: 0,
    dropped,
  });
  const history = (at: number[]): HistoryAnswer => ({
    start: 5,
    percentiles: [0.5, 1],
    at,
    user_count: at,
    worker_count: at,
    rps: at,
    fail_per_sec: at,
    avg: at,
    lag_ms: at,
    dropped: at,
    response_times: [at, at],
  });

  it("takes the history, then each point once", () => {
    const course = new Course();
    course.take(history([6, 7]), true);
    for (const at of [7, 8, 8, 6]) course.add(point(at));
    assert.deepEqual(course.at, [6, 7, 8]);
    assert.deepEqual(course.times, [[6, 7, 3], [6, 7, 4]]);
    course.take(history([8, 9]), false);
    assert.deepEqual(course.at, [6, 7, 8, 9]);
    course.take(history([1]), true);
    assert.deepEqual(course.at, [1]);
  });

  it("knows when points are missing", () => {
    const course = new Course();
    course.take(history([6, 7]), true);
    assert.ok(!course.misses(point(10)));
    assert.ok(course.misses(point(13)));
    course.take(history([20, 30]), true);
    assert.ok(!course.misses(point(40)), "points of a long run are far apart");
  });

  it("stays within bounds, and keeps the newest", () => {
    const course = new Course();
    course.take(history([]), true);
    for (let at = 1; at <= 10_000; at += 1) course.add(point(at));
    assert.ok(course.at.length <= 4_096 && course.at.length > 2_000, String(course.at.length));
    assert.equal(course.newest, 10_000);
    assert.ok(course.times.every((column) => column.length === course.at.length));
  });

  it("tells how many starts were dropped in each second", () => {
    const course = new Course();
    course.take(history([]), true);
    course.add(point(1, 5));
    course.add(point(2, 5));
    course.add(point(4, 9));
    assert.deepEqual(course.droppedRate(), [0, 0, 2]);
  });
});
