// Files to keep.

import type { VNode } from "preact";
import type { Test } from "../types.ts";

export function Downloads({ test }: { test: Test }): VNode {
  const files: [string, string, string][] = [
    ["stats/requests/csv", "Requests", "Statistics by name, as CSV with Locust's columns"],
    ["stats/failures/csv", "Failures", "Failures by name and error, as CSV"],
    ["exceptions/csv", "Exceptions", "Exceptions in users with their tracebacks, as CSV"],
    ...(test.full_history
      ? [["stats/requests_full_history/csv", "Full history", "Each name by second, as CSV"] as [string, string, string]]
      : []),
    ["stats/report?download=1", "Report", "All of the run on one page, as HTML"],
  ];
  return (
    <ul class="downloads">
      {files.map(([address, label, about]) => (
        <li key={address}>
          <a href={address} download>
            {label}
          </a>
          <span>{about}</span>
        </li>
      ))}
      {test.runs && (
        <li>
          <a href="runs">Runs</a>
          <span>Those before this one: reports, and two or more side by side</span>
        </li>
      )}
    </ul>
  );
}
