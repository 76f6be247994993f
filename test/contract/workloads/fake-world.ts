import { X509Certificate } from "node:crypto";
import { known, type Reading, unavailable } from "../../../src/domain/reading.ts";
import type { PublicCertificate } from "../../../src/domain/status/release-facts.ts";
import type { ReleaseScope } from "../../../src/ports/cluster-workloads.ts";
import { FakeWorkloads } from "../../fakes/fake-workloads.ts";
import { facts } from "../../fakes/rollout-objects.ts";
import { nodes, type ReleaseState, storageClasses, type TlsSecret, type World } from "./world.ts";

/** The fake as the suite sees it. */
export async function fakeWorld(): Promise<World> {
  const workloads = new FakeWorkloads();
  return {
    workloads,
    restricted: workloads.seenFrom("client-acme"),
    ownNamespace: "client-acme",
    makeNamespace: async () => undefined,
    put: async (scope, state) => put(workloads, scope, state),
    // A fake has no connections.
    interrupt: async () => undefined,
    end: async () => undefined,
  };
}

function put(workloads: FakeWorkloads, scope: ReleaseScope, state: ReleaseState): void {
  const release = workloads.at(scope);
  release.logs = new Map([...release.logs, ...Object.entries(state.logs ?? {})]);
  release.entryPoints = added(release.entryPoints, state.entryPoints);
  release.services = added(release.services, state.services);
  release.autoscalers = added(release.autoscalers, state.autoscalers);
  release.cronJobs = added(release.cronJobs, state.cronJobs);
  release.certificates = new Map([
    ...release.certificates,
    ...Object.entries(state.tlsSecrets ?? {}).map(([name, secret]) => [name, publicPart(name, secret)] as const),
  ]);
  const newest = state.helm?.toSorted((a, b) => b.revision - a.revision)[0];
  if (newest !== undefined) release.helm = known(newest);
  const { facts: before } = release;
  release.facts = facts({
    namespace: scope.namespace,
    workloads: replaced(before.workloads, state.workloads, (one) => `${one.kind}/${one.name}`),
    pods: replaced(before.pods, state.pods, (one) => one.name),
    events: added(before.events, state.events),
    claims: added(before.claims, state.claims),
    nodes: known(nodes),
    storageClasses: known(storageClasses),
  });
}

function added<T>(before: Reading<readonly T[]>, more: readonly T[] = []): Reading<readonly T[]> {
  return before.kind === "known" ? known([...before.value, ...more]) : before;
}

function replaced<T>(before: readonly T[], more: readonly T[] = [], key: (one: T) => string): readonly T[] {
  return [...new Map([...before, ...more].map((one) => [key(one), one])).values()];
}

function publicPart(name: string, secret: TlsSecret): PublicCertificate | ReturnType<typeof unavailable> {
  if (secret === "none") return unavailable(`Secret ${name} has no tls.crt`);
  const certificate = new X509Certificate(secret.cert);
  return {
    chainPem: secret.cert,
    ...(secret.ca === undefined ? {} : { caPem: secret.ca }),
    facts: {
      names: (certificate.subjectAltName ?? "").split(", ").map((one) => one.replace("DNS:", "")),
      issuer: certificate.issuer,
      notBefore: certificate.validFromDate,
      notAfter: certificate.validToDate,
      selfSigned: false,
      fingerprint: certificate.fingerprint256,
    },
  };
}
