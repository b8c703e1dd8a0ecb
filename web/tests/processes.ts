// Programs that tests start, and end with them: Akrida, nginx. Each writes into a folder of its own.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Milliseconds within which everything has to come to pass, on a busy machine. */
export const PATIENCE = 60_000;

export function needed(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: these tests are run by test.mjs`);
  return value;
}

/** Waits until `so` is true; fails with what `why` tells when it does not come to pass. */
export async function until(so: () => boolean | Promise<boolean>, why: () => string): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  while (!(await so())) {
    if (Date.now() > deadline) throw new Error(`it does not come to pass: ${why()}`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

/** A port that nobody had a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** What is to be ended and removed at the end, newest first. */
const endings: (() => void | Promise<void>)[] = [];

export function atEnd(ending: () => void | Promise<void>): void {
  endings.push(ending);
}

export async function endAll(): Promise<void> {
  for (const ending of endings.reverse()) await ending();
  endings.length = 0;
}

export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "akrida-page-"));
  atEnd(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export class Program {
  private said = "";
  private code: number | null | undefined;

  private constructor(private readonly child: ChildProcess) {
    const hear = (chunk: Buffer): void => void (this.said += chunk.toString());
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.on("exit", (code) => (this.code = code));
    atEnd(() => this.end());
  }

  static start(program: string, args: string[], cwd: string, env: Record<string, string> = {}): Program {
    return new Program(spawn(program, args, { cwd, env: { PATH: process.env["PATH"] ?? "", ...env } }));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Waits until this is so; fails with what it has said when it ends before. */
  async until(so: () => boolean | Promise<boolean>): Promise<void> {
    const there = (): boolean | Promise<boolean> => {
      if (this.code !== undefined) throw new Error(`it ended with ${this.code}:\n${this.said}`);
      return so();
    };
    await until(there, () => this.said);
  }

  /** What it has said so far. */
  get words(): string {
    return this.said;
  }

  /** Waits until it has said this. */
  says(text: string): Promise<void> {
    return this.until(() => this.said.includes(text));
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Ends its input, and waits until it has ended by itself. */
  async close(): Promise<void> {
    this.child.stdin?.end();
    await until(() => this.code !== undefined, () => `its end:\n${this.said}`);
  }

  async end(): Promise<void> {
    if (this.code !== undefined) return;
    this.child.kill("SIGKILL");
    await until(() => this.code !== undefined, () => `its end:\n${this.said}`);
  }
}

const SCENARIO = `
options:
  tenant: acme
  size: { default: 20, choices: [20, 50], help: Items on a page }
users:
  Shopper:
    weight: 3
    wait: { between: [50ms, 150ms] }
    tasks:
      browse:
        weight: 3
        tags: [read]
        steps:
          - get: /page
          - get: /fail
      odd:
        - get: /page
          name: "</script><img src=x onerror=alert(1)>"
  Admin:
    wait: { between: [50ms, 150ms] }
    tasks:
      look:
        - get: /admin?tenant={{ tenant }}&size={{ size }}
          name: /admin
`;

/** Starts an Akrida with a scenario, a web page at `port`, and these arguments besides. */
export async function akrida(
  port: number,
  args: string[],
  role: "web" | "worker" = "web",
  scenario = SCENARIO,
  env: Record<string, string> = {},
): Promise<Program> {
  const place = folder();
  writeFileSync(join(place, "shop.yaml"), scenario);
  const web = role === "web" ? ["--web-host", "127.0.0.1", "--web-port", String(port)] : [];
  const program = Program.start(needed("AKRIDA"), ["-f", "shop.yaml", ...web, ...args], place, env);
  if (role === "web") {
    await program.until(() => fetch(`http://127.0.0.1:${port}/healthz`).then((answer) => answer.ok, () => false));
  }
  return program;
}

/** Starts nginx with these server blocks. */
export async function nginx(servers: string, port: number): Promise<void> {
  const place = folder();
  const file = join(place, "nginx.conf");
  const temp = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${place}/${kind};`)
    .join("\n");
  const text = `daemon off;
# One process: of two, the one that serves would outlive the other, which tests end.
master_process off;
worker_processes 1;
pid ${place}/pid;
error_log stderr warn;
events {}
http {
access_log off;
${temp}
${servers}
}
`;
  writeFileSync(file, text);
  // Without a search path that has it, as that of users on Debian.
  const path = `${process.env["PATH"] ?? ""}:/usr/sbin`;
  const user = process.getuid?.() === 0 ? ["-g", "user root;"] : [];
  Program.start("nginx", ["-p", place, "-c", file, ...user], place, { PATH: path });
  await until(() => listens(port), () => readFileSync(file, "utf8"));
}

async function listens(port: number): Promise<boolean> {
  const { connect } = await import("node:net");
  return new Promise((done) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      done(true);
    });
    socket.on("error", () => done(false));
  });
}

/** Makes a certificate that nobody trusts; returns the files of it and of its key. */
export function certificate(): { cert: string; key: string } {
  const place = folder();
  const [cert, key] = [join(place, "cert.pem"), join(place, "key.pem")];
  const args = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const made = spawnSync("openssl", [...args, "-subj", "/CN=127.0.0.1", "-out", cert, "-keyout", key]);
  if (made.status !== 0) throw new Error(`openssl: ${made.error?.message ?? made.stderr.toString()}`);
  return { cert, key };
}

/** A file with this user, as Akrida itself makes it. */
export function users(login: { name: string; password: string }): string {
  const file = join(folder(), "users");
  const made = spawnSync(needed("AKRIDA"), ["web-user", login.name], { input: `${login.password}\n` });
  if (made.status !== 0) throw new Error(`akrida web-user: ${made.stderr.toString()}`);
  writeFileSync(file, made.stdout);
  return file;
}
