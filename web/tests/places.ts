// Where the page may be: directly at the master, and behind proxies of every kind that people have.

import { akrida, certificate, freePort, nginx, users } from "./processes.ts";

export interface Place {
  name: string;
  /** Where the page is, with a slash at its end. */
  base: string;
  /** Who may log in, where that is wanted. */
  login?: { name: string; password: string };
}

/** Starts masters and one nginx; `host` is what they load. */
export async function places(host: string): Promise<Place[]> {
  const [root, prefixed, deep, strips, passes, tls, tells] = await Promise.all(Array.from({ length: 7 }, freePort));
  const login = { name: "ada", password: "correct horse" };
  const { cert, key } = certificate();
  const to = (port: number | undefined, path = ""): string => `
    proxy_pass http://127.0.0.1:${port}${path};
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-Proto $scheme;`;
  await Promise.all([
    akrida(root ?? 0, ["-H", host]),
    akrida(prefixed ?? 0, ["-H", host, "--web-base-path", "/locust"]),
    akrida(deep ?? 0, ["-H", host, "--web-base-path", "/a/b/locust", "--web-login", "--web-users", users(login)]),
  ]);
  await nginx(
    `
server {
  listen 127.0.0.1:${strips};
  location = /locust { ${to(prefixed, "/")} }
  location /locust/ { ${to(prefixed, "/")} }
}
server {
  listen 127.0.0.1:${passes};
  location /locust { ${to(prefixed)} }
}
server {
  listen 127.0.0.1:${tls} ssl;
  ssl_certificate ${cert};
  ssl_certificate_key ${key};
  location /a/b/locust { ${to(deep)} }
}
server {
  listen 127.0.0.1:${tells};
  location = /tools/load { ${to(root, "/")}
    proxy_set_header X-Forwarded-Prefix /tools/load;
  }
  location /tools/load/ { ${to(root, "/")}
    proxy_set_header X-Forwarded-Prefix /tools/load;
  }
}`,
    tells ?? 0,
  );
  return [
    { name: "at the root", base: `http://127.0.0.1:${root}/` },
    { name: "behind a proxy that strips /locust", base: `http://127.0.0.1:${strips}/locust/` },
    { name: "behind a proxy that passes /locust", base: `http://127.0.0.1:${passes}/locust/` },
    { name: "behind TLS at /a/b/locust, with a login", base: `https://127.0.0.1:${tls}/a/b/locust/`, login },
    { name: "where X-Forwarded-Prefix tells", base: `http://127.0.0.1:${tells}/tools/load/` },
  ];
}
