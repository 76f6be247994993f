import tls from "node:tls";
import { Problem } from "../../domain/errors/problem.ts";
import { type Answer, readText } from "./exchange.ts";
import { Transient } from "./retry.ts";
import type { ApiCall, Session } from "./session.ts";

const call: ApiCall = { method: "GET", path: "", scopes: [], doing: "asking for the registry API (/v2/)" };

/** Milliseconds for finding out whether a port that does not answer HTTP speaks TLS. */
const handshakeLimit = 3000;

/**
 * Asks GET /v2/ and judges whether an image registry answers that takes the credentials.
 * @throws Problem REGISTRY_*, Transient for what may pass
 */
export async function pingRegistry(session: Session, signal: AbortSignal): Promise<Answer> {
  const answer = await session.call(call, signal).catch(async (error: unknown) => {
    throw await explained(error, session, signal);
  });
  if (answer.status !== 200) {
    if (answer.status === 401 || answer.status === 403 || answer.status === 400 || answer.status === 429 || answer.status >= 500)
      throw await named(answer, session);
    throw notRegistry(session, `${answer.status} in place of 200 or 401`);
  }
  const text = await readText(answer);
  const type = answer.headers["content-type"] ?? "";
  if (answer.headers["docker-distribution-api-version"] === undefined && (type.includes("html") || /^\s*</.test(text)))
    throw notRegistry(session, `a web page (${type || "no content type"})`);
  return answer;
}

/** 401 without the challenge of a registry comes from something else: a proxy, or a web application. */
async function named(answer: Answer, session: Session): Promise<Error> {
  const { status, headers } = answer;
  if (status === 401 && headers["www-authenticate"] === undefined) return notRegistry(session, "401 without naming a way to log in");
  const { credentials, host } = session.target;
  if (status === 401 && credentials !== undefined) {
    await readText(answer);
    return new Problem("REGISTRY_UNAUTHORIZED", { what: `${host} refused the password of ${credentials.username}` });
  }
  return session.refused(answer, call);
}

function notRegistry(session: Session, instead: string): Problem {
  return new Problem("REGISTRY_NOT_A_REGISTRY", { what: `${session.base.href} answered ${instead}` });
}

/** Plain HTTP sent to a TLS port ends in a cut connection or in bytes that are no HTTP, so the port is asked for TLS before that is told. */
async function explained(error: unknown, session: Session, signal: AbortSignal): Promise<unknown> {
  const cut = error instanceof Transient || (error instanceof Problem && error.code === "REGISTRY_NOT_A_REGISTRY");
  if (!session.target.plainHttp || !cut || !session.isDirect || !(await speaksTls(session.base, signal))) return error;
  return new Problem("REGISTRY_EXPECTS_TLS", { what: `${session.target.host} speaks TLS, and plain HTTP was asked for`, cause: error });
}

/** Only the handshake is made, so the certificate need not be trusted: nothing is sent. */
function speaksTls(base: URL, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = tls.connect({ host: base.hostname.replace(/^\[|\]$/g, ""), port: Number(base.port || 80), rejectUnauthorized: false });
    const end = (spoken: boolean) => () => {
      socket.destroy();
      resolve(spoken);
    };
    socket.setTimeout(handshakeLimit, end(false));
    socket.once("secureConnect", end(true));
    socket.once("error", end(false));
    signal.addEventListener("abort", end(false), { once: true });
  });
}
