import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A SOCKS 5 proxy in this process, without a password. It leads only to names that it knows. */
export interface SocksProxy {
  /** `socks5h://127.0.0.1:PORT`: names are resolved by the proxy. */
  readonly url: string;
  /** `HOST:PORT` asked for, in order. */
  readonly asked: string[];
  lead(target: string, port: number): void;
  close(): Promise<void>;
}

/** Starts one on a free port of the loopback interface (RFC 1928: CONNECT to a domain name). */
export async function startSocksProxy(): Promise<SocksProxy> {
  const asked: string[] = [];
  const places = new Map<string, number>();
  const open = new Set<Socket>();
  const server = createServer((client) => {
    open.add(client);
    client.on("error", () => client.destroy()).on("close", () => open.delete(client));
    // Greeting, then the request: each comes in one piece on the loopback interface.
    client.once("data", () => {
      client.write(Buffer.from([5, 0]));
      client.once("data", (request: Buffer) => {
        const length = request[4] ?? 0;
        const target = `${request.subarray(5, 5 + length).toString()}:${request.readUInt16BE(5 + length)}`;
        asked.push(target);
        const port = places.get(target);
        if (port === undefined) return void client.end(Buffer.from([5, 4, 0, 1, 0, 0, 0, 0, 0, 0]));
        const upstream = connect({ host: "127.0.0.1", port }, () => {
          client.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
          client.pipe(upstream).pipe(client);
        });
        open.add(upstream);
        upstream.on("error", () => client.destroy()).on("close", () => client.destroy());
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `socks5h://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    lead: (target, port) => void places.set(target, port),
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
