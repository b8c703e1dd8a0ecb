// The frame of the page: what runs, how it stands, what may be done, and the views.

import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { act } from "./api.ts";
import { count, ms, percent, plural, rate, span } from "./format.ts";
import type { Live } from "./live.ts";
import { Banner } from "./parts.tsx";
import { isText, recall, remember } from "./prefs.ts";
import { type View, follow, told, useView } from "./route.ts";
import type { Snapshot, State } from "./types.ts";
import { Charts } from "./views/charts.tsx";
import { Downloads } from "./views/downloads.tsx";
import { Exceptions, Failures } from "./views/failures.tsx";
import { Logs } from "./views/logs.tsx";
import { Start } from "./views/start.tsx";
import { Statistics } from "./views/statistics.tsx";
import { Tasks } from "./views/tasks.tsx";
import { Workers } from "./views/workers.tsx";

const WORDS: Record<State, string> = {
  ready: "Ready",
  spawning: "Spawning",
  running: "Running",
  stopping: "Stopping",
  stopped: "Stopped",
};

export function App({ live }: { live: Live }): VNode {
  const [, draw] = useState(0);
  useEffect(() => live.subscribe(() => draw((count) => count + 1)), [live]);
  const [answered] = useState(told);
  const [said, say] = useState(answered?.error === false ? answered.message : "");
  const [problem, setProblem] = useState(answered?.error === true ? answered.message : null);
  const theme = useTheme();
  const { snapshot, test, course } = live;
  const view = useView() ?? (snapshot.state === "ready" ? "start" : "statistics");
  const main = useRef<HTMLElement>(null);
  const views = useRef<HTMLUListElement>(null);
  useEffect(() => {
    // On a phone not all tabs fit.
    views.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [view]);

  const goesOn = snapshot.state === "spawning" || snapshot.state === "running";
  useEffect(() => {
    document.title = `${WORDS[snapshot.state]}${goesOn ? `, ${plural(snapshot.user_count, "user")}` : ""} - Akrida`;
  }, [snapshot.state, goesOn, snapshot.user_count]);

  const wish = (path: string) => async (event: Event): Promise<void> => {
    event.preventDefault();
    const answer = await act(path);
    setProblem(answer.success ? null : answer.message);
    if (answer.success) say(answer.message);
  };

  return (
    <>
      <a
        class="skip"
        href={`?view=${view}#main`}
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the figures
      </a>
      <header class="top">
        <h1>
          <a href="?" onClick={follow(snapshot.state === "ready" ? "start" : "statistics")}>
            Akrida
          </a>
        </h1>
        <dl class="figures">
          <Figure label="State">
            <span class={`state ${snapshot.state}`}>{WORDS[snapshot.state]}</span>
          </Figure>
          <Figure label="Users">
            {count(snapshot.user_count)}
            {goesOn && snapshot.target_user_count !== snapshot.user_count && (
              <small> of {count(snapshot.target_user_count)}</small>
            )}
          </Figure>
          <Figure label="Requests/s">{rate(snapshot.now.rps)}</Figure>
          <Figure label="Failures" bad={snapshot.total.num_failures > 0}>
            {percent(snapshot.total.fail_ratio)}
          </Figure>
          <Figure label="p95, ms" title="95th percentile of response times, last 10 s">
            {ms(snapshot.now.p95)}
          </Figure>
          <Figure label="Workers" bad={snapshot.workers.length > snapshot.worker_count}>
            {count(snapshot.worker_count)}
            {snapshot.workers.length > snapshot.worker_count && (
              <small>, {count(snapshot.workers.length - snapshot.worker_count)} missing</small>
            )}
          </Figure>
          {snapshot.start > 0 && (
            <Figure label={snapshot.time_left === null ? "Time" : "Time, left"}>
              {span((snapshot.end ?? snapshot.at) - snapshot.start)}
              {snapshot.time_left !== null && <small>, {span(snapshot.time_left)}</small>}
            </Figure>
          )}
          {snapshot.stage !== null && (
            <Figure label="Stage">
              {snapshot.stage.index + 1}
              <small> of {snapshot.stage.of}</small>
            </Figure>
          )}
        </dl>
        <div class="actions">
          {goesOn ? (
            <>
              <a class="button" href="?view=start" onClick={follow("start")}>
                Edit
              </a>
              <form method="post" action="stop" onSubmit={(event) => void wish("api/v1/stop?wait=0")(event)}>
                <button type="submit" class="stop">
                  Stop
                </button>
              </form>
            </>
          ) : (
            view !== "start" && (
              <a class="button primary" href="?view=start" onClick={follow("start")}>
                New test
              </a>
            )
          )}
          {snapshot.start > 0 && (
            <form method="post" action="stats/reset" onSubmit={(event) => void wish("api/v1/reset")(event)}>
              <button type="submit" title="Set all figures and charts to nothing; the run goes on">
                Reset
              </button>
            </form>
          )}
          <button type="button" class="theme" onClick={theme.next} title="Colours: as the system, light or dark">
            <span class="hidden">Colours: </span>
            {theme.label}
          </button>
          {test.login !== null && (
            <form method="post" action="logout">
              <button type="submit" title={`Logged in as ${test.login}`}>
                Log out
              </button>
            </form>
          )}
        </div>
        {snapshot.host !== null && <p class="host">{snapshot.host}</p>}
      </header>
      <nav class="views" aria-label="Views">
        <ul ref={views}>
          {tabs(snapshot, goesOn).map(([name, label, number]) => (
            <li key={name}>
              <a href={`?view=${name}`} aria-current={view === name ? "page" : undefined} onClick={follow(name)}>
                {label}
                {number > 0 && <span class="number">{count(number)}</span>}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <main id="main" ref={main} tabIndex={-1}>
        <h2 class="hidden">{tabs(snapshot, goesOn).find(([name]) => name === view)?.[1]}</h2>
        {live.connection === "lost" && (
          <div role="alert">
            <Banner kind="bad">
              The master does not answer. What you see is of {span(Date.now() / 1000 - snapshot.at)} ago; it goes on by
              itself when the master is back.
            </Banner>
          </div>
        )}
        {problem !== null && (
          <div role="alert">
            <Banner kind="bad">{problem}</Banner>
          </div>
        )}
        <Notices snapshot={snapshot} />
        <Body view={view} live={live} say={say} theme={theme.shown} course={course} />
      </main>
      <footer>
        Akrida {test.version}
        {test.profile !== null && `, ${test.profile}`}
        {{
          live: ". Figures come as they change.",
          polling: ". Something holds live events back: figures are asked for every two seconds.",
          lost: ". The master is asked every two seconds.",
        }[live.connection]}
      </footer>
      <p class="hidden" role="status">
        {said === "" ? "" : `${said}. `}
        {WORDS[snapshot.state]}
      </p>
    </>
  );
}

function Body(props: { view: View; live: Live; say: (text: string) => void; theme: string; course: Live["course"] }): VNode {
  const { view, live } = props;
  const { snapshot, test } = live;
  switch (view) {
    case "start":
      return <Start live={live} say={props.say} />;
    case "statistics":
      return <Statistics snapshot={snapshot} />;
    case "charts":
      return <Charts snapshot={snapshot} course={props.course} theme={props.theme} />;
    case "failures":
      return <Failures snapshot={snapshot} />;
    case "exceptions":
      return <Exceptions snapshot={snapshot} />;
    case "tasks":
      return <Tasks live={live} say={props.say} />;
    case "workers":
      return <Workers snapshot={snapshot} test={test} />;
    case "logs":
      return <Logs live={live} />;
    case "downloads":
      return <Downloads test={test} />;
  }
}

/** What makes the figures worth less, where the figures are. */
function Notices({ snapshot }: { snapshot: Snapshot }): VNode {
  const saturated = snapshot.workers.filter((worker) => worker.saturated).length;
  const missing = snapshot.workers.length - snapshot.worker_count;
  return (
    <div class="notices">
      {snapshot.generator.saturated_now && (
        <Banner kind="bad">
          The generator itself is the limit now
          {saturated > 0 && `: ${plural(saturated, "worker")} of ${count(snapshot.workers.length)} saturated`}. Response
          times contain its own lateness. Add workers, or take fewer users.
        </Banner>
      )}
      {missing > 0 && <Banner kind="warn">{plural(missing, "worker")} missing: nothing was heard of it for seconds.</Banner>}
      {snapshot.notices.map((notice) => (
        <Banner key={notice} kind="warn">
          {notice}
        </Banner>
      ))}
    </div>
  );
}

function Figure(props: { label: string; title?: string; bad?: boolean; children: preact.ComponentChildren }): VNode {
  return (
    <div class={props.bad === true ? "bad" : undefined} title={props.title}>
      <dt>{props.label}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

function tabs(snapshot: Snapshot, goesOn: boolean): [View, string, number][] {
  return [
    ["start", goesOn ? "Edit" : "Start", 0],
    ["statistics", "Statistics", 0],
    ["charts", "Charts", 0],
    ["failures", "Failures", snapshot.errors.length],
    ["exceptions", "Exceptions", snapshot.exceptions.length],
    ["tasks", "Tasks", 0],
    ["workers", "Workers", snapshot.workers.length],
    ["logs", "Logs", 0],
    ["downloads", "Downloads", 0],
  ];
}

const THEMES = ["system", "light", "dark"] as const;

/** The colours: what was chosen, what is shown, and how to choose the next. */
function useTheme(): { label: string; shown: string; next: () => void } {
  const [chosen, choose] = useState(() => THEMES.find((name) => name === recall("theme", "system", isText)) ?? "system");
  const [dark, setDark] = useState(() => matchMedia("(prefers-color-scheme: dark)").matches);
  useEffect(() => {
    const system = matchMedia("(prefers-color-scheme: dark)");
    const look = (): void => setDark(system.matches);
    system.addEventListener("change", look);
    return () => system.removeEventListener("change", look);
  }, []);
  const next = (): void => {
    const after = THEMES[(THEMES.indexOf(chosen) + 1) % THEMES.length] ?? "system";
    if (after === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = after;
    remember("theme", after);
    choose(after);
  };
  const label = { system: "Auto", light: "Light", dark: "Dark" }[chosen];
  return { label, shown: chosen === "system" ? (dark ? "dark" : "light") : chosen, next };
}
