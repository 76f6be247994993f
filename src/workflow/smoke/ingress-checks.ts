import type { Reading } from "../../domain/reading.ts";
import { fail, type Judgement, skipped } from "../../domain/smoke/check.ts";
import { judgeVersion, type WantedRelease } from "../../domain/smoke/judge-api.ts";
import {
  type ExpectedCertificate,
  judgeCertificate,
  judgePage,
  judgeRedirect,
  judgeRuntimeConfig,
} from "../../domain/smoke/judge-ingress.ts";
import type { EntryPoint, PublicCertificate } from "../../domain/status/release-facts.ts";
import type { Clock } from "../../ports/clock.ts";
import type { HttpProbe, ProbeAnswer, ProbeRequest } from "../../ports/http-probe.ts";
import { type CheckPlan, judged } from "./check-runner.ts";

/** Milliseconds for one answer through the ingress. */
const answerDeadline = 15_000;

/** Milliseconds from the beginning in which a controller may still follow what has just become ready or gone, and between two looks. */
const [settleWithin, settlePause] = [15_000, 500];

/** What a controller answers as long as it knows nobody to send a request to. */
const nobodyBehind: ReadonlySet<number> = new Set([502, 503, 504]);

/** Where the ingress is really connected to, when neither its status nor DNS is right. */
export interface IngressAddress {
  readonly host: string;
  readonly httpsPort?: number;
  readonly httpPort?: number;
}

/** What the checks from outside go through. */
export interface IngressTarget {
  readonly http: HttpProbe;
  readonly clock: Clock;
  readonly entry: EntryPoint | undefined;
  /** Why there is no entry. */
  readonly absent: string;
  readonly secret: Reading<PublicCertificate | undefined>;
  readonly address: IngressAddress | undefined;
  readonly wanted: WantedRelease;
}

const configFiles = ["api-base-url", "environment", "feature-flags"] as const;

/** The platform as a browser meets it, on a real connection to the ingress. */
export function ingressChecks(target: IngressTarget): readonly CheckPlan[] {
  const { entry } = target;
  const origin = entry === undefined ? "the ingress" : originOf(entry, target.address);
  const settledBy = target.clock.now().getTime() + settleWithin;
  const settled = <T>(ask: () => Promise<T>, isSettled: (seen: T) => boolean, signal: AbortSignal) =>
    untilSettled(target.clock, settledBy, ask, isSettled, signal);
  const ask = (path: string, signal: AbortSignal) =>
    settled(() => askIngress(target, `${origin}${path}`, signal), hasSomebodyBehind, signal);
  const check = (id: string, title: string, asked: string, run: CheckPlan["run"]): CheckPlan => ({
    id,
    title,
    asked,
    run: entry === undefined ? async () => skipped(target.absent) : run,
  });
  return [
    check("ingress-certificate", "certificate from outside", `TLS handshake with ${origin}${at(target)}`, (signal) =>
      certificate(target, `${origin}/`, signal),
    ),
    check("ingress-redirect", "HTTP is sent to HTTPS", `GET ${origin.replace(/^https:/, "http:").replace(/:\d+$/, "")}/`, (signal) =>
      redirect(target, signal),
    ),
    check("frontend-page", "front page through the ingress", `GET ${origin}/`, async (signal) =>
      judged(await ask("/", signal), ({ status, headers, body }) => judgePage(status, headers["content-type"], body)),
    ),
    check("frontend-config", "runtime configuration of the frontend", `GET ${origin}/config/*`, (signal) => runtimeConfig(ask, signal)),
    // Pods of the release of before, which are on their way out, are asked until the controller has heard of it.
    check("ingress-api", "API through the ingress", `GET ${origin}/api/v1/version`, (signal) =>
      settled(
        async () => judged(await ask("/api/v1/version", signal), (answer) => judgeVersion(answer, target.wanted)),
        ({ verdict }) => verdict !== "fail",
        signal,
      ),
    ),
  ];
}

async function certificate(target: IngressTarget, url: string, signal: AbortSignal): Promise<Judgement> {
  if (target.entry?.tls !== true) return fail("no TLS", "the ingress has no certificate: people's passwords would pass in clear");
  return judged(await askIngress(target, url, signal), ({ certificate: served }) =>
    served === undefined
      ? fail("no certificate", "the connection was not TLS")
      : judgeCertificate(served, target.entry?.host ?? "", expected(target), target.clock.now()),
  );
}

async function redirect(target: IngressTarget, signal: AbortSignal): Promise<Judgement> {
  const { entry, address, http } = target;
  if (entry?.tls !== true) return skipped("the ingress has no TLS to be sent to");
  if (address?.httpsPort !== undefined && address.httpPort === undefined)
    return skipped("--ingress-address names the HTTPS port only; give --ingress-http-port to test the redirect");
  const host = entry.host || hostOf(entry, address);
  const to =
    address === undefined
      ? published(entry)
      : { host: address.host, ...(address.httpPort === undefined ? {} : { port: address.httpPort }) };
  const answer = await http.ask(
    { method: "GET", url: `http://${host}/`, deadline: answerDeadline, ...(to === undefined ? {} : { address: to }) },
    signal,
  );
  return judged(answer, ({ status, headers }) => judgeRedirect(status, headers["location"], entry.host));
}

async function runtimeConfig(ask: (path: string, signal: AbortSignal) => Promise<ProbeAnswer>, signal: AbortSignal): Promise<Judgement> {
  const files: Record<string, { readonly status: number; readonly body: string }> = {};
  for (const name of configFiles) {
    const answer = await ask(`/config/${name}`, signal);
    if (answer.kind === "failed") return fail(`${name}: no answer`, answer.what);
    files[name] = answer;
  }
  return judgeRuntimeConfig(files);
}

/** False as long as the controller has nobody behind it: pods are ready some seconds before it knows. */
function hasSomebodyBehind(answer: ProbeAnswer): boolean {
  return answer.kind !== "answered" || !nobodyBehind.has(answer.status);
}

/** Asks again until what is seen is settled, or until the time for that is over; gives what was seen last. */
async function untilSettled<T>(
  clock: Clock,
  settledBy: number,
  ask: () => Promise<T>,
  isSettled: (seen: T) => boolean,
  signal: AbortSignal,
): Promise<T> {
  for (;;) {
    const seen = await ask();
    if (isSettled(seen) || clock.now().getTime() >= settledBy) return seen;
    await clock.pause(settlePause, signal);
  }
}

function askIngress({ http, entry, address, secret }: IngressTarget, url: string, signal: AbortSignal): Promise<ProbeAnswer> {
  const certificates = secret.kind === "known" && secret.value !== undefined ? [secret.value] : [];
  const trust = certificates.flatMap((one) => [
    ...(one.caPem === undefined ? [] : [one.caPem]),
    ...(one.facts.selfSigned ? [one.chainPem] : []),
  ]);
  const secure = entry?.tls === true;
  const port = secure ? address?.httpsPort : address?.httpPort;
  const to =
    address === undefined
      ? entry === undefined
        ? undefined
        : published(entry)
      : { host: address.host, ...(port === undefined ? {} : { port }) };
  const request: ProbeRequest = { method: "GET", url, deadline: answerDeadline, trust, ...(to === undefined ? {} : { address: to }) };
  return http.ask(request, signal);
}

function expected({ secret, entry }: IngressTarget): ExpectedCertificate {
  if (secret.kind === "known") {
    return secret.value === undefined
      ? { kind: "unknown", why: `Secret ${entry?.tlsSecret ?? ""} does not exist` }
      : { kind: "fingerprint", fingerprint: secret.value.facts.fingerprint };
  }
  return { kind: "unknown", why: secret.kind === "denied" ? `the right to ${secret.verb} ${secret.resource} is missing` : secret.message };
}

function originOf(entry: EntryPoint, address: IngressAddress | undefined): string {
  return `${entry.tls ? "https" : "http"}://${entry.host || hostOf(entry, address)}`;
}

function hostOf(entry: EntryPoint, address: IngressAddress | undefined): string {
  return address?.host ?? entry.addresses[0] ?? "localhost";
}

function published(entry: EntryPoint): { readonly host: string } | undefined {
  return entry.addresses[0] === undefined ? undefined : { host: entry.addresses[0] };
}

function at({ entry, address }: IngressTarget): string {
  const host = address?.host ?? entry?.addresses[0];
  return host === undefined || host === entry?.host ? "" : ` at ${host}`;
}
