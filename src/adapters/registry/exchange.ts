import http, { type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import https from "node:https";
import type { TLSSocket } from "node:tls";
import type { ByteSource } from "../../ports/bundle-file.ts";

/** Content of a request: its size is told before, because registries refuse what has no length. */
export interface RequestBody {
  readonly size: number;
  /** Called anew for every try. */
  readonly read: () => ByteSource;
}

/** One HTTP request, as it goes over the wire. */
export interface Outgoing {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: RequestBody | undefined;
  readonly agent: http.Agent;
  readonly signal: AbortSignal;
  readonly limits: TimeLimits;
}

/** How long silence may last, in milliseconds, before a connection counts as dead. */
export interface TimeLimits {
  /** While sending or receiving content. */
  readonly silence: number;
  /** Between the last byte sent and the answer: a registry may have to store gigabytes first. */
  readonly answer: number;
}

/** An answer whose content has not been read yet; read it with {@link readAll} or {@link readText}. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly message: IncomingMessage;
  /** End of the certificate's validity as RFC 3339, under TLS. */
  readonly certificateNotAfter?: string;
}

/** An answer that is longer than anything the registry API sends. */
export class TooLong extends Error {
  constructor(limit: number) {
    super(`the answer is longer than ${limit} bytes`);
    this.name = "TooLong";
  }
}

/** The other side said nothing for longer than it may. */
class Silence extends Error {
  constructor(milliseconds: number) {
    super(`nothing came for ${Math.round(milliseconds / 1000)} s`);
    this.name = "Silence";
  }
}

/**
 * Sends one request and gives the head of the answer. An answer that comes before all of the content went out ends the sending;
 * the connection is then not used again. @throws the error of the socket, of the content's source, or the signal's reason
 */
export async function exchange(outgoing: Outgoing): Promise<Answer> {
  outgoing.signal.throwIfAborted();
  const { method, url, agent, signal, limits, body } = outgoing;
  const headers = {
    "user-agent": "migratectl",
    ...outgoing.headers,
    ...(body === undefined ? {} : { "content-length": String(body.size) }),
  };
  const request = (url.protocol === "http:" ? http : https).request(url, {
    method,
    headers,
    agent,
    signal,
    // For the way through a proxy, before there is a connection that could be silent.
    timeout: limits.silence,
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    // Attached before the first byte goes out: registries and proxies answer early.
    request.on("response", resolve);
    request.on("error", reject);
    request.on("close", () => reject(new Error("the connection was closed without an answer")));
  });
  request.on("timeout", () => request.destroy(new Silence(limits.silence)));
  request.setTimeout(limits.silence);
  const stopped = answered.then(
    () => "stop" as const,
    () => "stop" as const,
  );
  try {
    const complete = await send(request, body, stopped);
    if (complete && body !== undefined && body.size > 0) request.setTimeout(limits.answer);
    const message = await answered;
    request.setTimeout(limits.silence);
    if (!complete) message.once("close", () => request.destroy());
    return { status: message.statusCode ?? 0, headers: message.headers, message, ...certificateOf(message) };
  } catch (error) {
    request.destroy();
    throw signal.aborted ? signal.reason : error;
  }
}

/** Sends the content with back-pressure; false when the answer came first. */
async function send(request: http.ClientRequest, body: RequestBody | undefined, stopped: Promise<"stop">): Promise<boolean> {
  if (body === undefined || body.size === 0) {
    request.end();
    return true;
  }
  let left = body.size;
  for await (const chunk of body.read()) {
    left -= chunk.length;
    // What goes out beyond the announced length would be read as the next request on this connection.
    if (left < 0) throw new RangeError(`the content has more bytes than the ${body.size} that were announced`);
    const written = new Promise<"written">((resolve) => request.write(chunk, () => resolve("written")));
    if ((await Promise.race([written, stopped])) === "stop") return false;
  }
  if (left !== 0) throw new RangeError(`the content has ${body.size - left} bytes where ${body.size} were announced`);
  request.end();
  return true;
}

/** Content of an answer as bytes. @throws TooLong; Error when it is shorter than announced or the connection broke */
export async function readAll({ message }: Answer, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) {
      message.destroy();
      throw new TooLong(limit);
    }
    chunks.push(chunk);
  }
  if (!message.complete) throw new Error("the connection ended in the middle of the answer");
  return Buffer.concat(chunks);
}

/** The beginning of an answer that only matters to a person: never fails, never waits longer than a second. */
export async function readText({ message }: Answer, limit = 16 * 1024): Promise<string> {
  const giveUp = setTimeout(() => message.destroy(), 1000);
  let text = "";
  try {
    for await (const chunk of message as AsyncIterable<Buffer>) {
      text += chunk.toString("utf8");
      if (text.length > limit) break;
    }
  } catch {
    // What arrived before the connection broke is told all the same.
  } finally {
    clearTimeout(giveUp);
  }
  return text;
}

function certificateOf(message: IncomingMessage): { readonly certificateNotAfter?: string } {
  const socket = message.socket as Partial<TLSSocket>;
  const until = socket.getPeerCertificate?.().valid_to;
  return until === undefined ? {} : { certificateNotAfter: new Date(until).toISOString() };
}
