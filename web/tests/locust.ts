// Locust's own page, out of its package, served as Locust serves it, with everything else answered by Akrida.

import { readFileSync, readdirSync } from "node:fs";
import { createServer, request as ask } from "node:http";
import { type AddressInfo } from "node:net";
import { join } from "node:path";
import { atEnd, needed } from "./processes.ts";

/** Starts it before the Akrida at `base`; returns its address. */
export async function locustsPage(base: string): Promise<string> {
  const python = readdirSync(join(needed("LOCUST"), "lib")).find((name) => name.startsWith("python"));
  const dist = join(needed("LOCUST"), "lib", python ?? "", "site-packages/locust/webui/dist");
  const stands = {
    state: "ready", is_distributed: false, user_count: 0, num_users: 1, spawn_rate: 1, run_time: null,
    host: "http://127.0.0.1:1", version: "2.47.0", locustfile: "shop.yaml", worker_count: 0, history: [],
    extra_options: {}, available_user_classes: ["Admin", "Shopper"], available_shape_classes: ["Default"],
    available_user_tasks: { Admin: ["look"], Shopper: ["browse", "odd"] }, users: {}, show_userclass_picker: false,
    hide_common_options: false, shape_use_common_options: false, override_host_warning: false,
    missing_host_warning: false, is_host_required: false, stats_history_enabled: false,
    percentiles_to_chart: [0.5, 0.95], percentiles_to_statistics: [0.95, 0.99], tasks: "{}", profile: null,
  };
  const server = createServer((request, answer) => {
    const path = (request.url ?? "/").split("?")[0] ?? "/";
    if (path === "/") {
      const known = asItStands(stands, base);
      void known.then((args) => {
        const text = JSON.stringify(args).replace(/</g, "\\u003c");
        answer.setHeader("Content-Type", "text/html; charset=utf-8");
        answer.end(readFileSync(join(dist, "index.html"), "utf8").replace("{{ template_args|tojson }}", text));
      });
    } else if (path.startsWith("/assets/")) {
      const name = path.slice("/assets/".length);
      if (!readdirSync(join(dist, "assets")).includes(name)) return void answer.writeHead(404).end();
      answer.setHeader("Content-Type", name.endsWith(".js") ? "text/javascript" : "image/png");
      answer.end(readFileSync(join(dist, "assets", name)));
    } else {
      const to = new URL(base);
      const options = { host: to.hostname, port: to.port, path: request.url, method: request.method, headers: request.headers };
      const passed = ask(options, (got) => {
        answer.writeHead(got.statusCode ?? 502, got.headers);
        got.pipe(answer);
      });
      passed.on("error", () => answer.destroy());
      request.pipe(passed);
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** What Locust's server writes into its page: the host that is loaded, and in which state the run is now. */
async function asItStands(stands: object, base: string): Promise<object> {
  const told = async <T>(path: string): Promise<T> => (await (await fetch(base + path)).json()) as T;
  const test = await told<{ defaults: { host: string | null } }>("api/v1/test");
  const { state } = await told<{ state: string }>("stats/requests");
  return { ...stands, host: test.defaults.host, state };
}
