import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";

/** How a proxy behaves; each is one seen in the field. */
export interface ProxyManners {
  /** `USER:PASSWORD` that it wants. */
  readonly login?: string;
  /** Status with which it refuses every tunnel. */
  readonly refuses?: number;
  /** True: it takes a CONNECT and never answers. */
  readonly stalls?: boolean;
}

/** An HTTP proxy in this process: CONNECT, and whole URLs for plain HTTP. It leads only to places that it knows. */
export interface ConnectProxy {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Targets of CONNECT and whole URLs, in order. */
  readonly asked: string[];
  /** Sends what is meant for `HOST:PORT` to a port of the loopback interface; no name needs to resolve. */
  lead(target: string, port: number): void;
  close(): Promise<void>;
}

/** Starts a proxy on a free port of the loopback interface. */
export async function startConnectProxy(manners: ProxyManners = {}): Promise<ConnectProxy> {
  const asked: string[] = [];
  const places = new Map<string, number>();
  const open = new Set<Duplex>();
  const wanted = manners.login === undefined ? undefined : `Basic ${Buffer.from(manners.login).toString("base64")}`;
  const mayPass = (request: IncomingMessage) => wanted === undefined || request.headers["proxy-authorization"] === wanted;
  const server = createServer((request, answer) => forward(request, answer, places, asked, mayPass(request)));
  server.on("connect", (request: IncomingMessage, client: Duplex) => {
    const target = request.url ?? "";
    asked.push(target);
    open.add(client);
    client.on("error", () => client.destroy()).on("close", () => open.delete(client));
    if (manners.stalls === true) return;
    if (!mayPass(request)) return void client.end("HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\n");
    if (manners.refuses !== undefined) return void client.end(`HTTP/1.1 ${manners.refuses} Refused\r\n\r\n`);
    const port = places.get(target);
    if (port === undefined) return void client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    tunnel(client, port, open);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    lead: (target, port) => void places.set(target, port),
    async close() {
      for (const socket of open) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function tunnel(client: Duplex, port: number, open: Set<Duplex>): void {
  const upstream: Socket = connect({ host: "127.0.0.1", port }, () => {
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    client.pipe(upstream).pipe(client);
  });
  open.add(upstream);
  upstream
    .on("error", () => client.destroy())
    .on("close", () => {
      open.delete(upstream);
      client.destroy();
    });
}

function forward(
  request: IncomingMessage,
  answer: ServerResponse,
  places: ReadonlyMap<string, number>,
  asked: string[],
  may: boolean,
): void {
  asked.push(request.url ?? "");
  const url = URL.parse(request.url ?? "");
  const port = places.get(`${url?.hostname}:${url?.port || 80}`);
  if (!may) return void answer.writeHead(407).end();
  if (url === null || port === undefined) return void answer.writeHead(502).end();
  const { "proxy-authorization": _, "proxy-connection": __, ...headers } = request.headers;
  const options = { host: "127.0.0.1", port, path: `${url.pathname}${url.search}`, method: request.method ?? "GET", headers };
  const upstream = httpRequest(options, (found) => {
    answer.writeHead(found.statusCode ?? 502, found.headers);
    found.pipe(answer);
  });
  upstream.on("error", () => answer.destroy());
  request.pipe(upstream);
}
