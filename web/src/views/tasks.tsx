// What users do: classes with their share of the users, tasks with their share of a class; and how that is changed.

import type { VNode } from "preact";
import { useRef, useState } from "preact/hooks";
import { act } from "../api.ts";
import { Field, number } from "../field.tsx";
import { count, percent, plural } from "../format.ts";
import type { Live } from "../live.ts";
import { Banner } from "../parts.tsx";
import type { Answer, UserClass } from "../types.ts";

export function Tasks({ live, say }: { live: Live; say: (text: string) => void }): VNode {
  const { snapshot, test } = live;
  const all = Object.values(snapshot.user_classes).reduce((sum, users) => sum + users, 0);
  if (test.user_classes.length === 0) {
    return <div class="empty">The test names no user class.</div>;
  }
  return (
    <div class="classes">
      {test.user_classes.map((one) => {
        const users = snapshot.user_classes[one.name] ?? 0;
        const share = all === 0 ? null : users / all;
        return <Class key={one.name} one={one} users={users} share={share} live={live} say={say} />;
      })}
    </div>
  );
}

function Class(props: {
  one: UserClass;
  users: number;
  share: number | null;
  live: Live;
  say: (text: string) => void;
}): VNode {
  const { one, users, share } = props;
  const about = [
    one.fixed_count > 0 ? `exactly ${plural(one.fixed_count, "user")}` : `weight ${count(one.weight)}`,
    ...(one.open ? ["open load"] : []),
    ...(one.host === null ? [] : [one.host]),
    ...(one.chosen ? [] : ["not chosen"]),
  ];
  return (
    <section class="card" aria-label={`User class ${one.name}`}>
      <h2>
        {one.name} <small>{about.join(" \u00b7 ")}</small>
      </h2>
      <p class="facts">
        {plural(users, "user")}
        {share !== null && `, ${percent(share)} of all`}
      </p>
      <table class="ratios">
        <caption class="hidden">Tasks of {one.name}</caption>
        <thead>
          <tr>
            <th scope="col" class="text">
              Task
            </th>
            <th scope="col" class="number">
              Share
            </th>
            <th scope="col" class="number">
              Of all users
            </th>
          </tr>
        </thead>
        <tbody>
          {one.tasks.map((task) => (
            <tr key={task.name}>
              <td class="text">
                {task.name}
                <meter min={0} max={1} value={task.ratio} aria-label={`Share of ${task.name}`} />
              </td>
              <td class="number">{percent(task.ratio)}</td>
              <td class="number">{share === null ? "\u2013" : percent(task.ratio * share)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Edit one={one} live={props.live} say={props.say} />
    </section>
  );
}

function Edit({ one, live, say }: { one: UserClass; live: Live; say: (text: string) => void }): VNode {
  const [refused, setRefused] = useState<Answer | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (form.current === null || busy) return;
    const data = new FormData(form.current);
    const changed = (name: string, before: string): string | undefined => {
      const text = data.get(name);
      return text === null || text === before ? undefined : String(text).trim();
    };
    const [weight, fixed] = [changed("weight", String(one.weight)), changed("fixed_count", String(one.fixed_count))];
    const tasks = data.getAll("tasks").map(String).filter((name) => name !== "");
    const kept = one.tasks.map(({ name }) => name);
    const sameTasks = tasks.length === kept.length && tasks.every((name) => kept.includes(name));
    setBusy(true);
    const answer = await act("api/v1/user", {
      user_class_name: one.name,
      ...(weight === undefined ? {} : { weight: number(weight) }),
      ...(fixed === undefined ? {} : { fixed_count: number(fixed) }),
      host: changed("host", one.host ?? "") ?? null,
      ...(sameTasks ? {} : { tasks }),
    });
    setBusy(false);
    setRefused(answer.success ? null : answer);
    if (answer.success) {
      say(answer.message);
      await live.refreshTest();
    }
  };

  const problem = (field: string): string | undefined => (refused?.field === field ? refused.message : undefined);
  const elsewhere = refused !== null && !["weight", "fixed_count", "host"].includes(refused.field ?? "");
  return (
    <details class="edit">
      <summary>Change</summary>
      <form ref={form} method="post" action="user" noValidate onSubmit={(event) => void submit(event)}>
        <input type="hidden" name="user_class_name" value={one.name} />
        {elsewhere && (
          <div role="alert">
            <Banner kind="bad">{refused.message}</Banner>
          </div>
        )}
        <div class="pair">
          {!one.open && (
            <Field label="Weight" help="Share of users among the classes" problem={problem("weight")}>
              {(field) => <input {...field} name="weight" type="number" min={1} step={1} defaultValue={String(one.weight)} />}
            </Field>
          )}
          <Field
            label="Fixed count"
            help={one.open ? "The most users at work at once" : "Exactly so many users; 0 for those that its weight gives"}
            problem={problem("fixed_count")}
          >
            {(field) => (
              <input {...field} name="fixed_count" type="number" min={0} step={1} defaultValue={String(one.fixed_count)} />
            )}
          </Field>
        </div>
        <Field label="Host" help="Address of this class; that of the run wins over it" problem={problem("host")}>
          {(field) => <input {...field} name="host" type="url" defaultValue={one.host ?? ""} spellcheck={false} />}
        </Field>
        {one.all_tasks.length > 1 && (
          <fieldset class="classes-picked">
            <legend>Tasks</legend>
            {one.all_tasks.map((name) => (
              <label key={name}>
                <input
                  type="checkbox"
                  name="tasks"
                  value={name}
                  defaultChecked={one.tasks.some((task) => task.name === name)}
                />{" "}
                {name}
              </label>
            ))}
          </fieldset>
        )}
        <p class="submit">
          <button type="submit" aria-disabled={busy}>
            Change {one.name}
          </button>
        </p>
      </form>
    </details>
  );
}
