import http from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { createPodExec } from "../../../src/adapters/kubernetes/exec/pod-exec.ts";
import type { ExecStreams } from "../../../src/ports/pod-exec.ts";

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

interface Peer {
  send(data: Buffer, sent?: () => void): void;
  on(event: "message", listener: (data: Buffer) => void): void;
  close(): void;
}

/** What the pod does once a program is started in it. */
type Behaviour = (peer: Peer, url: URL) => void;

const frame = (channel: number, text: string): Buffer => Buffer.concat([Buffer.from([channel]), Buffer.from(text)]);
const status = (document: object): Buffer => frame(3, JSON.stringify(document));
const success = status({ metadata: {}, status: "Success" });

/** An API server that knows one thing: exec as v4.channel.k8s.io. */
async function apiServer(behaviour: Behaviour | "refused" | "silent"): Promise<KubeConfig> {
  const server = http.createServer();
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket));
  open.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const webSockets = new WebSocketServer({ noServer: true, handleProtocols: () => "v4.channel.k8s.io" });
  server.on("upgrade", (request, socket, head) => {
    if (behaviour === "silent") return;
    if (behaviour === "refused") return void socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    webSockets.handleUpgrade(request, socket, head, (peer: Peer) => behaviour(peer, new URL(request.url ?? "", "http://x")));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const config = new KubeConfig();
  const { port } = server.address() as AddressInfo;
  config.loadFromClusterAndUser({ name: "test", server: `http://127.0.0.1:${port}`, skipTLSVerify: true }, { name: "test" });
  return config;
}

const target = { namespace: "space", pod: "postgres-0", container: "backup-agent" };
const run = async (behaviour: Behaviour | "refused" | "silent", limits = {}, signal = new AbortController().signal) =>
  createPodExec(await apiServer(behaviour)).run(target, ["program", "a b", "--c=d&e"], { deadline: 5000, ...limits }, signal);

describe("a program run in a pod", () => {
  it("gets its words as they are, and gives what it printed on either stream", async () => {
    let asked: URL | undefined;
    const ended = await run((peer, url) => {
      asked = url;
      for (const part of [frame(1, "ein "), frame(2, "warnung"), frame(1, "w\u00f6rt"), frame(1, ""), success]) peer.send(part);
      peer.close();
    });
    expect(asked?.pathname).toBe("/api/v1/namespaces/space/pods/postgres-0/exec");
    expect(asked?.searchParams.getAll("command")).toEqual(["program", "a b", "--c=d&e"]);
    expect(asked?.searchParams.get("container")).toBe("backup-agent");
    expect(ended).toEqual({ code: 0, stdout: "ein w\u00f6rt", stderr: "warnung" });
  });

  it("keeps letters together that were cut between two frames", async () => {
    const letter = Buffer.from("\u00f6");
    const ended = await run((peer) => {
      for (const byte of letter) peer.send(Buffer.from([1, byte]));
      peer.send(success);
    });
    expect(ended.stdout).toBe("\u00f6");
  });

  it("that ends badly tells its exit status", async () => {
    const ended = await run((peer) => {
      peer.send(frame(2, "no such stanza"));
      peer.send(
        status({
          status: "Failure",
          reason: "NonZeroExitCode",
          message: "command terminated with non-zero exit code",
          details: { causes: [{ reason: "ExitCode", message: "55" }] },
        }),
      );
    });
    expect(ended).toEqual({ code: 55, stdout: "", stderr: "no such stanza" });
  });

  it.each([
    [
      "is not in the image",
      (peer: Peer) => peer.send(status({ status: "Failure", reason: "InternalError", message: "no such file" })),
      /no such file/,
    ],
    ["loses its connection", (peer: Peer) => peer.close(), /connection was lost before/],
    ["ends with a status that is no document", (peer: Peer) => peer.send(frame(3, "{")), /status that cannot be read/],
    ["prints without end", (peer: Peer) => peer.send(frame(1, "x".repeat(2000))), /printed more than 1000 bytes/],
  ])("that %s is EXEC_FAILED", async (_, behaviour, what) => {
    await expect(run(behaviour, { mostOutput: 1000 })).rejects.toMatchObject({ code: "EXEC_FAILED", message: expect.stringMatching(what) });
  });

  it("that the user may not run is EXEC_FAILED with the right that is missing", async () => {
    await expect(run("refused")).rejects.toMatchObject({ code: "EXEC_FAILED", fix: expect.stringContaining("pods/exec") });
  });

  it.each<[string, Behaviour | "silent"]>([
    ["is not started", "silent"],
    ["does not end", () => undefined],
  ])("that %s in its time is DEADLINE", async (_, behaviour) => {
    await expect(run(behaviour, { deadline: 200 })).rejects.toMatchObject({ code: "DEADLINE" });
  });

  it("stops with the caller's own reason", async () => {
    const reason = new Error("Ctrl-C");
    const stopped = new AbortController();
    const running = run(() => stopped.abort(reason), {}, stopped.signal);
    await expect(running).rejects.toBe(reason);
  });

  describe("with streams", () => {
    const big = 64 * 1024 * 1024;

    it("takes no more from the connection than is used up, and gives all of it in order", async () => {
      let [sent, used, most] = [0, 0, 0];
      const piece = Buffer.alloc(256 * 1024, 7);
      const config = await apiServer((peer) => {
        const more = (): void => {
          if (sent >= big) return void peer.send(success);
          sent += piece.length;
          peer.send(Buffer.concat([Buffer.of(1), piece]), more);
        };
        more();
      });
      const stdout = async (bytes: Buffer): Promise<void> => {
        most = Math.max(most, sent - used);
        await new Promise((resolve) => setImmediate(resolve));
        used += bytes.length;
      };
      const ended = await createPodExec(config).stream(target, ["tar"], { stdout }, { deadline: 20_000 }, new AbortController().signal);
      expect(ended).toEqual({ code: 0, stderr: "" });
      expect(used).toBe(big);
      // What waits here and in the sockets' buffers; without holding the connection all of it would.
      expect(most).toBeLessThan(big / 2);
    });

    it("passes stdin on, whole", async () => {
      let got = 0;
      let asked: URL | undefined;
      const config = await apiServer((peer, url) => {
        asked = url;
        peer.on("message", (data) => {
          expect(data[0]).toBe(0);
          got += data.length - 1;
          if (got === 5_000_000) peer.send(success);
        });
      });
      async function* bytes(): AsyncIterable<Uint8Array> {
        for (let part = 0; part < 5; part += 1) yield Buffer.alloc(1_000_000, part);
      }
      const streams = { stdin: bytes(), stdout: async () => undefined };
      await createPodExec(config).stream(target, ["tar"], streams, { deadline: 5000 }, new AbortController().signal);
      expect(got).toBe(5_000_000);
      expect(asked?.searchParams.get("stdin")).toBe("true");
    });

    it.each<[string, (error: Error) => ExecStreams]>([
      ["takes the output", (error) => ({ stdout: () => Promise.reject(error) })],
      [
        "gives the input",
        (error) => ({
          stdout: async () => undefined,
          stdin: (async function* () {
            yield Buffer.alloc(1);
            throw error;
          })(),
        }),
      ],
    ])("ends with the error of what %s", async (_, streams) => {
      const full = new Error("ENOSPC");
      const config = await apiServer((peer) => peer.send(frame(1, "text")));
      const running = createPodExec(config).stream(target, ["tar"], streams(full), { deadline: 5000 }, new AbortController().signal);
      await expect(running).rejects.toBe(full);
    });
  });
});

describe("a program with a person before it", () => {
  it("has a terminal of their size, gets every key, and shows what it prints", async () => {
    const asked: string[] = [];
    const got: string[] = [];
    const config = await apiServer((peer, url) => {
      asked.push(...["stdin", "stdout", "stderr", "tty"].map((name) => `${name}=${url.searchParams.get(name)}`));
      peer.on("message", (data) => {
        got.push(`${data[0]} ${data.subarray(1).toString()}`);
        if (got.length < 4) return;
        for (const part of [
          frame(1, "bye"),
          status({ status: "Failure", reason: "NonZeroExitCode", details: { causes: [{ reason: "ExitCode", message: "3" }] } }),
        ])
          peer.send(part);
        peer.close();
      });
    });
    let columns = 80;
    let resized: (() => void) | undefined;
    const shown: string[] = [];
    const ended = await createPodExec(config).attach(
      target,
      ["psql"],
      {
        keys: (async function* () {
          yield Buffer.from("\\q");
          columns = 100;
          resized?.();
          yield Buffer.from("\r");
        })(),
        show: async (bytes) => void shown.push(bytes.toString()),
        size: () => ({ columns, rows: 24 }),
        onResize: (changed) => {
          resized = changed;
          return () => {
            resized = undefined;
          };
        },
      },
      { deadline: 5000 },
      new AbortController().signal,
    );
    expect(asked).toEqual(["stdin=true", "stdout=true", "stderr=false", "tty=true"]);
    expect(got.toSorted()).toEqual(["0 \r", "0 \\q", '4 {"Width":100,"Height":24}', '4 {"Width":80,"Height":24}'].toSorted());
    expect([ended, shown, resized]).toEqual([3, ["bye"], undefined]);
  });
});
