// How many workers Kubernetes runs: the wish, what became of it, and the form that changes it.

import type { VNode } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import { Unreachable, act, read } from "../api.ts";
import { Banner } from "../parts.tsx";
import type { Answer, Rescaling } from "../types.ts";

/** Milliseconds between two questions; the master itself asks the API server at most once in a second. */
const EVERY = 2_000;

export function Rescale({ connected }: { connected: number }): VNode | null {
  const [seen, see] = useState<Rescaling | null>(null);
  const [written, write] = useState<string | null>(null);
  const [answer, answered] = useState<Answer | null>(null);
  const [busy, setBusy] = useState(false);

  const look = useCallback(async (): Promise<void> => {
    try {
      see(await read<Rescaling>("api/v1/rescale"));
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
    }
  }, []);
  useEffect(() => {
    let asking = false;
    const ask = async (): Promise<void> => {
      // One at a time: an API server that is slow is not asked faster than it answers.
      if (asking || document.hidden) return;
      asking = true;
      await look().finally(() => (asking = false));
    };
    void ask();
    const timer = setInterval(() => void ask(), EVERY);
    return () => clearInterval(timer);
  }, [look]);

  if (seen === null) return null;
  if (!seen.in_cluster) return <p class="facts">{seen.problem}</p>;

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    const data = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    const told = await act("api/v1/rescale", { worker_count: String(data.get("worker_count") ?? "").trim() });
    setBusy(false);
    answered(told);
    if (told.success) write(null);
    void look();
  };

  const { numbers, rehearsal } = seen;
  return (
    <section class="card rescale" aria-label="Workers in Kubernetes">
      <h3>Workers in Kubernetes</h3>
      <p class="facts">
        Deployment {seen.deployment}
        {seen.namespace !== null && ` in namespace ${seen.namespace}`}
      </p>
      {seen.follows !== null && <Banner kind="note">{seen.follows}</Banner>}
      {seen.problem !== null && <Banner kind="bad">{seen.problem}</Banner>}
      {numbers !== null && (
        <dl class="figures">
          {(
            [
              ["Wanted", numbers.wanted],
              ["Existing", numbers.existing],
              ["Connected", connected],
            ] as const
          ).map(([label, number]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{number}</dd>
            </div>
          ))}
        </dl>
      )}
      <form method="post" action="rescale" noValidate onSubmit={(event) => void submit(event)}>
        <div class="field">
          <label for="worker_count">Workers wanted</label>
          <input
            id="worker_count"
            name="worker_count"
            type="number"
            min={seen.min}
            max={seen.max}
            step={1}
            value={written ?? String(numbers?.wanted ?? connected)}
            onInput={(event) => write(event.currentTarget.value)}
            aria-describedby="worker_count-help"
          />
          <span class="help" id="worker_count-help">
            From {seen.min} to {seen.max}. Users of a running test move to the workers that are there.
          </span>
        </div>
        <button type="submit" class="primary" disabled={busy}>
          Rescale
        </button>
      </form>
      <div role={answer?.success === false ? "alert" : "status"}>
        {answer !== null && <Banner kind={answer.success ? "note" : "bad"}>{answer.message}</Banner>}
      </div>
      {seen.notes.map((note) => (
        <div key={note.text}>
          <Banner kind="note">{note.text}</Banner>
          {note.command !== null && <pre>{note.command}</pre>}
        </div>
      ))}
      {rehearsal !== null && (
        <p class="facts">
          {rehearsal.passed ? "Self-test passed" : "Self-test failed"}: {rehearsal.message}
        </p>
      )}
      {seen.changes.length > 0 && (
        <details>
          <summary>Changes</summary>
          <ul class="changes">
            {seen.changes.map((change) => (
              <li key={`${change.at} ${change.text}`}>
                <time dateTime={new Date(change.at * 1e3).toISOString()}>
                  {new Date(change.at * 1e3).toLocaleTimeString()}
                </time>{" "}
                {change.text}
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
