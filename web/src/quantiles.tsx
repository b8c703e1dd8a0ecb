// Which percentiles are shown, in the table as in the charts.

import type { VNode } from "preact";
import { quantile } from "./format.ts";

export function Quantiles(props: {
  all: number[];
  chosen: number[];
  choose: (chosen: number[]) => void;
  /** Whether the maximum is one of them. */
  max?: boolean;
}): VNode {
  const offered = props.all.filter((value) => value < 1 || props.max === true);
  return (
    <fieldset class="quantiles">
      <legend>Percentiles</legend>
      {offered.map((value) => (
        <label key={value}>
          <input
            type="checkbox"
            checked={props.chosen.includes(value)}
            onChange={(event) => {
              const others = props.chosen.filter((other) => other !== value);
              props.choose(event.currentTarget.checked ? [...others, value].sort((a, b) => a - b) : others);
            }}
          />
          <span>{quantile(value)}</span>
        </label>
      ))}
    </fieldset>
  );
}
