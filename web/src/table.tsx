// A table that can be sorted and searched, a page of rows at a time: hundreds of rows stay quick to draw.

import type { ComponentChildren, VNode } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import { count } from "./format.ts";

/** Rows that are drawn at once. */
const PAGE = 50;

export interface Column<T> {
  key: string;
  label: string;
  /** What the label is short for. */
  title?: string;
  text?: boolean;
  cell: (row: T) => ComponentChildren;
  /** By what it is sorted; nothing sorts last. */
  by: (row: T) => number | string | null | undefined;
  /** Marks a cell. */
  mark?: (row: T) => string | undefined;
}

interface Props<T> {
  label: string;
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T) => string;
  /** What a search looks through; without it there is none. */
  search?: (row: T) => string;
  /** A row that always stands at the end. */
  total?: T;
  tools?: ComponentChildren;
  empty: ComponentChildren;
  first?: { key: string; down: boolean };
}

export function Table<T>(props: Props<T>): VNode {
  const { label, columns, rows, rowKey, search, total, tools, empty } = props;
  const [sort, setSort] = useState(props.first ?? null);
  const [sought, setSought] = useState("");
  const [page, setPage] = useState(0);
  const id = useId();

  const words = sought.trim().toLowerCase();
  const found =
    words === "" || search === undefined
      ? rows
      : rows.filter((row) => search(row).toLowerCase().includes(words));
  const column = columns.find((column) => column.key === sort?.key);
  const sorted = column === undefined || sort === null ? found : sortBy(found, column, sort.down);
  const pages = Math.max(1, Math.ceil(sorted.length / PAGE));
  const here = Math.min(page, pages - 1);
  const shown = sorted.slice(here * PAGE, (here + 1) * PAGE);
  useEffect(() => setPage(0), [words, sort?.key, sort?.down]);

  const toggle = (column: Column<T>): void => {
    const first = column.text !== true;
    if (sort?.key !== column.key) setSort({ key: column.key, down: first });
    else if (sort.down === first) setSort({ key: column.key, down: !first });
    else setSort(null);
  };

  if (rows.length === 0 && total === undefined) return <div class="empty">{empty}</div>;
  return (
    <div class="table">
      <div class="tools">
        {search !== undefined && (
          <label class="search" for={`${id}-search`}>
            <span class="hidden">Search in {label.toLowerCase()}</span>
            <input
              id={`${id}-search`}
              type="search"
              placeholder="Search"
              value={sought}
              onInput={(event) => setSought(event.currentTarget.value)}
            />
          </label>
        )}
        {tools}
        <span class="count" role="status">
          {found.length === rows.length
            ? `${count(rows.length)} row${rows.length === 1 ? "" : "s"}`
            : `${count(found.length)} of ${count(rows.length)} rows`}
        </span>
      </div>
      <div class="scroll" tabIndex={0} role="region" aria-label={label}>
        <table>
          <caption class="hidden">{label}</caption>
          <thead>
            <tr>
              {columns.map((column) => {
                const direction = sort?.key !== column.key ? "none" : sort.down ? "descending" : "ascending";
                return (
                  <th
                    key={column.key}
                    scope="col"
                    class={column.text === true ? "text" : "number"}
                    aria-sort={direction}
                  >
                    <button type="button" title={column.title} onClick={() => toggle(column)}>
                      {column.label}
                      <span class="arrow" aria-hidden="true">
                        {direction === "none" ? "" : direction === "ascending" ? "\u25b4" : "\u25be"}
                      </span>
                    </button>
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={rowKey(row)}>{cells(columns, row)}</tr>
            ))}
            {shown.length === 0 && (
              <tr>
                <td class="text none" colSpan={columns.length}>
                  {rows.length === 0 ? empty : "Nothing here matches the search."}
                </td>
              </tr>
            )}
          </tbody>
          {total !== undefined && (
            <tfoot>
              <tr>{cells(columns, total)}</tr>
            </tfoot>
          )}
        </table>
      </div>
      {pages > 1 && (
        <nav class="pages" aria-label={`Pages of ${label.toLowerCase()}`}>
          <button type="button" disabled={here === 0} onClick={() => setPage(here - 1)}>
            Previous
          </button>
          <span role="status">
            Page {here + 1} of {pages}
          </span>
          <button type="button" disabled={here === pages - 1} onClick={() => setPage(here + 1)}>
            Next
          </button>
        </nav>
      )}
    </div>
  );
}

function cells<T>(columns: Column<T>[], row: T): VNode[] {
  return columns.map((column) => {
    const mark = column.mark?.(row);
    const kind = `${column.text === true ? "text" : "number"} of-${column.key}${mark === undefined ? "" : ` ${mark}`}`;
    return (
      <td key={column.key} class={kind}>
        {column.cell(row)}
      </td>
    );
  });
}

function sortBy<T>(rows: T[], column: Column<T>, down: boolean): T[] {
  const sign = down ? -1 : 1;
  return [...rows].sort((left, right) => {
    const [a, b] = [column.by(left) ?? null, column.by(right) ?? null];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    if (typeof a === "string" || typeof b === "string") return sign * String(a).localeCompare(String(b));
    return sign * (a - b);
  });
}
