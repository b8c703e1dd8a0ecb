// The form that starts a run, or changes the one that goes on.

import type { VNode } from "preact";
import { useRef, useState } from "preact/hooks";
import { act } from "../api.ts";
import { Field, number } from "../field.tsx";
import type { Live } from "../live.ts";
import { Banner } from "../parts.tsx";
import { go } from "../route.ts";
import type { Answer, CustomOption } from "../types.ts";
import { NoWorkers } from "./workers.tsx";

export function Start({ live, say }: { live: Live; say: (text: string) => void }): VNode {
  const { test, snapshot } = live;
  const { defaults } = test;
  const goesOn = snapshot.state === "spawning" || snapshot.state === "running";
  const [staged, setStaged] = useState(defaults.stages !== null);
  const [refused, setRefused] = useState<Answer | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (form.current === null || busy) return;
    const data = new FormData(form.current);
    const text = (name: string): string => String(data.get(name) ?? "").trim();
    setBusy(true);
    const answer = await act("api/v1/swarm", {
      ...(staged ? {} : { users: number(text("user_count")), spawn_rate: number(text("spawn_rate")) }),
      stages: staged ? text("stages") : "",
      host: text("host"),
      run_time: text("run_time"),
      ...(test.options.length > 0
        ? { options: Object.fromEntries(test.options.map(({ name }) => [name, String(data.get(name) ?? "")])) }
        : {}),
      ...(test.class_picker ? { user_classes: data.getAll("user_classes").map(String) } : {}),
    });
    setBusy(false);
    setRefused(answer.success ? null : answer);
    if (answer.success) {
      void live.refreshTest();
      say(answer.message);
      go("statistics");
    } else {
      const field = names.find(([wish]) => wish === answer.field)?.[1];
      form.current.querySelector<HTMLElement>(`[name="${field ?? "none"}"]`)?.focus();
    }
  };

  const problem = (wish: string): string | undefined => (refused?.field === wish ? refused.message : undefined);
  return (
    <div class="start">
      {test.distributed && snapshot.worker_count === 0 && (
        <section class="card" aria-label="Workers">
          <NoWorkers test={test} />
        </section>
      )}
      <form class="card" ref={form} method="post" action="swarm" noValidate onSubmit={(event) => void submit(event)}>
        <h2>{goesOn ? "Change the running test" : snapshot.state === "ready" ? "Start a test" : "Start a new test"}</h2>
        {test.locustfile !== "" && <p class="facts">{test.locustfile}</p>}
        {refused !== null && refused.field === undefined && (
          <div role="alert">
            <Banner kind="bad">{refused.message}</Banner>
          </div>
        )}
        <fieldset class="load">
          <legend>Load</legend>
          <label>
            <input type="radio" name="load" checked={!staged} onChange={() => setStaged(false)} /> Constant
          </label>
          <label>
            {/* A run keeps its stages, or takes a constant load from now on: results are cut by them. */}
            <input
              type="radio"
              name="load"
              checked={staged}
              disabled={goesOn && snapshot.stage === null}
              onChange={() => setStaged(true)}
            />{" "}
            In stages
          </label>
        </fieldset>
        {/* With keys, so that no field takes over what was written into another. */}
        {staged ? (
          <Field
            key="stages"
            label="Stages"
            help={
              goesOn
                ? "They go on as they are; a constant load takes over from now on"
                : "Duration:users@spawn rate, with commas: 30s:10,1m:50@5"
            }
            problem={problem("stages")}
          >
            {(field) => (
              <input
                {...field}
                name="stages"
                defaultValue={String(defaults.stages ?? "")}
                readOnly={goesOn}
                spellcheck={false}
              />
            )}
          </Field>
        ) : (
          <div class="pair" key="constant">
            <Field label="Users" help="How many at the peak" problem={problem("users")}>
              {(field) => (
                <input {...field} name="user_count" type="number" min={0} step={1} defaultValue={String(defaults.users)} />
              )}
            </Field>
            <Field label="Spawn rate" help="Users started per second" problem={problem("spawn_rate")}>
              {(field) => (
                <input {...field} name="spawn_rate" type="number" min={0} step="any" defaultValue={String(defaults.spawn_rate)} />
              )}
            </Field>
          </div>
        )}
        <Field
          key="host"
          label="Host"
          help={
            test.host_required === null
              ? "Address under test; empty for that of each user class"
              : `Address under test, such as https://example.org; ${test.host_required} has none of its own`
          }
          problem={problem("host")}
        >
          {(field) => (
            <input {...field} name="host" type="url" defaultValue={String(defaults.host ?? "")} spellcheck={false} />
          )}
        </Field>
        <Field key="time" label="Run time" help="Such as 20m or 1h30m; empty for no end" problem={problem("run_time")}>
          {(field) => <input {...field} name="run_time" defaultValue={String(defaults.run_time ?? "")} spellcheck={false} />}
        </Field>
        {test.class_picker && (
          <fieldset class="classes-picked" aria-describedby={problem("user_classes") === undefined ? undefined : "picked"}>
            <legend>User classes</legend>
            {test.user_classes.map(({ name, chosen }) => (
              <label key={name}>
                <input type="checkbox" name="user_classes" value={name} defaultChecked={chosen} /> {name}
              </label>
            ))}
            {problem("user_classes") !== undefined && (
              <span class="problem" id="picked" role="alert">
                {problem("user_classes")}
              </span>
            )}
          </fieldset>
        )}
        {test.options.length > 0 && (
          <fieldset class="options">
            <legend>Options</legend>
            {problem("options") !== undefined && (
              <span class="problem" role="alert">
                {problem("options")}
              </span>
            )}
            {test.options.map((option) => (
              <OptionField key={option.name} option={option} />
            ))}
          </fieldset>
        )}
        <p class="submit">
          <button type="submit" class="primary" aria-disabled={busy}>
            {goesOn ? "Change" : "Start"}
          </button>
        </p>
      </form>
    </div>
  );
}

/** An option of the scenario: chosen, or written. */
function OptionField({ option: { name, kind, value, choices, help } }: { option: CustomOption }): VNode {
  const known = kind === "boolean" && choices.length === 0 ? ["true", "false"] : choices;
  return (
    <Field label={name} help={help ?? ""} problem={undefined}>
      {(field) =>
        known.length > 0 ? (
          <select {...field} name={name}>
            {known.map((choice) => (
              <option key={choice} value={choice} selected={choice === value}>
                {choice}
              </option>
            ))}
          </select>
        ) : (
          <input {...field} name={name} defaultValue={value} spellcheck={false} />
        )
      }
    </Field>
  );
}

/** Names of a wish in `api/v1`, and of the field that has it. */
const names: [string, string][] = [
  ["users", "user_count"],
  ["spawn_rate", "spawn_rate"],
  ["host", "host"],
  ["run_time", "run_time"],
  ["stages", "stages"],
  ["user_classes", "user_classes"],
];
