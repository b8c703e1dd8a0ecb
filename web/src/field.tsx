// Fields of forms: a label, what is to be known, and what is wrong with what was written.

import type { ComponentChildren, VNode } from "preact";
import { useId } from "preact/hooks";

/** A number; or the text as it is, so that the master says what is wrong with it. */
export function number(text: string): number | string {
  const value = Number(text);
  return text === "" || Number.isNaN(value) ? text : value;
}

export interface Described {
  id: string;
  "aria-describedby": string;
  "aria-invalid": boolean;
}

export function Field(props: {
  label: string;
  help: string;
  problem: string | undefined;
  children: (field: Described) => ComponentChildren;
}): VNode {
  const id = useId();
  const described = {
    id,
    "aria-describedby": props.problem === undefined ? `${id}-help` : `${id}-problem ${id}-help`,
    "aria-invalid": props.problem !== undefined,
  };
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.children(described)}
      {props.problem !== undefined && (
        <span class="problem" id={`${id}-problem`} role="alert">
          {props.problem}
        </span>
      )}
      <span class="help" id={`${id}-help`}>
        {props.help}
      </span>
    </div>
  );
}
