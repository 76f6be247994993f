import type { ServerResponse } from "node:http";

/** Answers a request; to HEAD without the content. */
export function send(
  answer: ServerResponse,
  status: number,
  body: string | Buffer = "",
  headers: Readonly<Record<string, string>> = {},
): ServerResponse {
  answer.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  return answer.end(answer.req.method === "HEAD" ? undefined : body);
}

/** Refuses a request in the words of the specification. */
export function refuse(
  answer: ServerResponse,
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): ServerResponse {
  return send(answer, status, JSON.stringify({ errors: [{ code, message }] }), headers);
}
