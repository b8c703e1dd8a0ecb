// What the master and the workers log.

import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Live } from "../live.ts";
import { Choice } from "../parts.tsx";

/** Milliseconds between two questions for the logs of workers, which they send each ten seconds. */
const EVERY = 5_000;

const MASTER = "";

export function Logs({ live }: { live: Live }): VNode {
  const [source, setSource] = useState(MASTER);
  const [sought, setSought] = useState("");
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);

  useEffect(() => {
    void live.refreshLogs();
    const timer = setInterval(() => {
      if (!document.hidden) void live.refreshLogs();
    }, EVERY);
    return () => clearInterval(timer);
  }, [live]);

  const all = source === MASTER ? live.log : (live.workerLogs[source] ?? []);
  const words = sought.trim().toLowerCase();
  const lines = words === "" ? all : all.filter((line) => line.toLowerCase().includes(words));
  const options = [
    { value: MASTER, label: "Master" },
    ...Object.keys(live.workerLogs).map((id) => ({ value: id, label: id })),
  ];

  // Stays at the end, unless the reader has scrolled away from it.
  useLayoutEffect(() => {
    if (follows.current && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  });

  return (
    <div class="table">
      <div class="tools">
        <label class="search">
          <span class="hidden">Search in the log</span>
          <input
            type="search"
            placeholder="Search"
            value={sought}
            onInput={(event) => setSought(event.currentTarget.value)}
          />
        </label>
        <Choice label="Log of" value={source} options={options} choose={setSource} />
      </div>
      {lines.length === 0 ? (
        <div class="empty">{all.length === 0 ? "Nothing was logged yet." : "No line matches the search."}</div>
      ) : (
        <div
          class="log"
          ref={box}
          tabIndex={0}
          role="region"
          aria-label="Log"
          onScroll={(event) => {
            const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
            follows.current = scrollHeight - scrollTop - clientHeight < 24;
          }}
        >
          {lines.map((line, index) => (
            <div key={index} class={level(line)}>
              {line}
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

function level(line: string): string {
  if (/\/(ERROR|CRITICAL)\//.test(line)) return "bad";
  return /\/WARNING\//.test(line) ? "warn" : "";
}
