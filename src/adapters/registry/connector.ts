import { Problem } from "../../domain/errors/problem.ts";
import type { RegistryConnector, RegistryReader, RegistryReading } from "../../ports/registry.ts";
import { noProxies, type Proxies } from "../node/proxies.ts";
import { noBody } from "./body.ts";
import { readText, type TimeLimits } from "./exchange.ts";
import { resolveLocation } from "./location.ts";
import { pingRegistry } from "./ping.ts";
import { RegistryClient } from "./registry-client.ts";
import { brief, patient } from "./retry.ts";
import { type ApiCall, Session, type SessionOptions } from "./session.ts";

const limits: TimeLimits = { silence: 60_000, answer: 300_000 };

/** A probe is a question a person waits for. */
const probeLimits: TimeLimits = { silence: 10_000, answer: 10_000 };

/** Connects to registries over HTTP, through the proxies that are given; tests shorten the waiting. */
export function createConnector(options: Partial<SessionOptions> = {}): RegistryConnector {
  return { connect: (target) => new RegistryClient(target, { policy: patient, limits, proxies: noProxies, ...options }) };
}

/** Asks registries without changing them, through the proxies that are given. */
export function createReader(proxies: Proxies = noProxies): RegistryReader {
  const options: SessionOptions = { policy: brief, limits: probeLimits, proxies };
  return {
    async probe(target, signal): Promise<RegistryReading> {
      try {
        const session = new Session(target, options);
        try {
          return await session.retrying(signal, () => probe(session, signal));
        } finally {
          session.close();
        }
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof Problem)) throw error;
        return { kind: "refused", code: error.code, what: error.message, fix: error.fix };
      }
    },

    async hasManifest(target, repository, digest, signal): Promise<boolean> {
      const client = new RegistryClient(target, options);
      try {
        return (
          (await client.manifestDigest(target.prefix === "" ? repository : `${target.prefix}/${repository}`, digest, signal)) === digest
        );
      } finally {
        client.close();
      }
    },
  };
}

/** An upload that is started and cancelled shows the right to push; nothing of it stays. */
async function probe(session: Session, signal: AbortSignal): Promise<RegistryReading> {
  const { certificateNotAfter } = await pingRegistry(session, signal);
  const repository = [session.target.prefix, "migratectl-probe"].filter((part) => part !== "").join("/");
  const scopes = [`repository:${repository}:pull,push`];
  const start: ApiCall = {
    method: "POST",
    path: `${repository}/blobs/uploads/`,
    body: noBody,
    scopes,
    doing: `starting an upload to ${repository}`,
  };
  const answer = await session.call(start, signal);
  if (answer.status !== 202) throw await session.refused(answer, start);
  await readText(answer);
  const location = resolveLocation(answer.headers.location, session.base);
  const cancelled = await session.call({ method: "DELETE", path: location, scopes, doing: "cancelling the upload" }, signal);
  await readText(cancelled);
  const by = session.target.credentials === undefined ? "anonymously" : `as ${session.target.credentials.username}`;
  const certificate = certificateNotAfter === undefined ? {} : { certificateNotAfter };
  return {
    kind: "usable",
    writable: true,
    detail: `${repository.slice(0, -"migratectl-probe".length) || "/"} on ${session.target.host} takes uploads ${by}`,
    ...certificate,
  };
}
