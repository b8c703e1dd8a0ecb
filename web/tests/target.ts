// The service that the tests' users load: it answers, or it fails.

import { type AddressInfo } from "node:net";
import { createServer } from "node:http";
import { atEnd } from "./processes.ts";

/** Starts it; returns its address. */
export async function target(): Promise<string> {
  const server = createServer((request, answer) => {
    answer.statusCode = request.url?.startsWith("/fail") === true ? 500 : 200;
    answer.end("a page");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
