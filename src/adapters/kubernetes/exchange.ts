import http from "node:http";
import https from "node:https";

/** An answer as it came, whatever its status. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** One request whose answer is handed on piece by piece; resolves at its end, with the whole answer when it was a refusal. */
export function follow(url: URL, options: https.RequestOptions, came: (chunk: Buffer) => void): Promise<ApiAnswer | undefined> {
  return new Promise((resolve, reject) => {
    const outgoing = (url.protocol === "http:" ? http : https).request(url, options, (answer) => {
      const status = answer.statusCode ?? 0;
      const refusal: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => (status === 200 ? came(chunk) : refusal.push(chunk)));
      answer.on("error", reject);
      answer.on("close", () =>
        resolve(status === 200 ? undefined : { status, headers: answer.headers, body: Buffer.concat(refusal).toString("utf8") }),
      );
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}

/**
 * One request and its whole answer; rejects when the connection breaks or the body ends early. The error carries `reusedSocket: true` when
 * no answer had begun and the connection was one kept from an earlier request.
 */
export function exchange(url: URL, options: https.RequestOptions, payload: Buffer | undefined): Promise<ApiAnswer> {
  return new Promise((resolve, reject) => {
    let begun = false;
    const outgoing = (url.protocol === "http:" ? http : https).request(url, options, (answer) => {
      begun = true;
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        if (!answer.complete) return reject(new Error("the connection ended in the middle of the answer"));
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks).toString("utf8") });
      });
    });
    outgoing.on("error", (error) => reject(begun ? error : Object.assign(error, { reusedSocket: outgoing.reusedSocket })));
    outgoing.end(payload);
  });
}
