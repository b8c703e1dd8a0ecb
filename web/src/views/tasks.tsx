// What users do: classes with their share of the users, tasks with their share of a class.

import type { VNode } from "preact";
import { count, percent, plural } from "../format.ts";
import type { Snapshot, Test, UserClass } from "../types.ts";

export function Tasks({ snapshot, test }: { snapshot: Snapshot; test: Test }): VNode {
  const all = Object.values(snapshot.user_classes).reduce((sum, users) => sum + users, 0);
  if (test.user_classes.length === 0) {
    return <div class="empty">The test names no user class.</div>;
  }
  return (
    <div class="classes">
      {test.user_classes.map((one) => {
        const users = snapshot.user_classes[one.name] ?? 0;
        return <Class key={one.name} one={one} users={users} share={all === 0 ? null : users / all} />;
      })}
    </div>
  );
}

function Class({ one, users, share }: { one: UserClass; users: number; share: number | null }): VNode {
  const about = [
    one.fixed_count > 0 ? `exactly ${plural(one.fixed_count, "user")}` : `weight ${count(one.weight)}`,
    ...(one.open ? ["open load"] : []),
    ...(one.host === null ? [] : [one.host]),
    ...(one.chosen ? [] : ["not chosen"]),
  ];
  return (
    <section class="card">
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
    </section>
  );
}
