// Small parts of many views.

import type { ComponentChildren, VNode } from "preact";
import { useId } from "preact/hooks";

export function Choice<T extends string>(props: {
  label: string;
  value: T;
  options: { value: T; label: string }[];
  choose: (value: T) => void;
}): VNode {
  const id = useId();
  return (
    <label class="choice" for={id}>
      <span>{props.label}</span>
      <select
        id={id}
        value={props.value}
        onChange={(event) => {
          const found = props.options.find(({ value }) => value === event.currentTarget.value);
          if (found !== undefined) props.choose(found.value);
        }}
      >
        {props.options.map(({ value, label }) => (
          <option key={value} value={value} selected={value === props.value}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}

export function Banner(props: { kind: "bad" | "warn" | "note"; children: ComponentChildren }): VNode {
  return (
    <p class={`banner ${props.kind}`}>
      <span class="sign" aria-hidden="true">
        {props.kind === "note" ? "i" : "!"}
      </span>
      <span>{props.children}</span>
    </p>
  );
}
