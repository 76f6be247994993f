import { describe } from "vitest";
import { createAuthority } from "../../fakes/certificates.ts";
import { startCraneRegistry } from "../../fakes/crane-registry.ts";
import { startDockerRegistry } from "../../fakes/docker-registry.ts";
import { FakeRegistry } from "../../fakes/fake-registry.ts";
import { describeReal, missing, noCluster } from "../real.ts";
import { guardedContract, registryContract, type Subject } from "./suite.ts";

const whole = { mounts: true, checksManifests: true } as const;

/** Keeps all blobs in one heap and asks little of manifests. */
const lenient = { mounts: false, checksManifests: false } as const;

const users = { push: { password: "correct horse", push: true } };

async function docker(): Promise<Subject> {
  const { host, caPem, username, password, stop } = await startDockerRegistry();
  return { target: { host, prefix: "", plainHttp: false, caPem, credentials: { username, password } }, stop };
}

async function crane(): Promise<Subject> {
  const { host, stop } = await startCraneRegistry();
  return { target: { host, prefix: "", plainHttp: true }, stop };
}

async function fake(kind: "basic" | "bearer"): Promise<Subject> {
  const authority = createAuthority("Fake CA");
  const registry = await FakeRegistry.start({ tls: authority.issue(["localhost"]), auth: { kind, users } });
  const credentials = { username: "push", password: "correct horse" };
  const target = { host: registry.host, prefix: "", plainHttp: false, caPem: authority.pem, credentials };
  return { target, stop: () => registry.close() };
}

describeReal("the real docker-registry", missing("docker-registry"), () => {
  registryContract(docker, whole);
  guardedContract(docker);
});

describeReal("the real registry of go-containerregistry", noCluster, () => registryContract(crane, lenient));

describe("the fake with a password", () => {
  registryContract(() => fake("basic"), whole);
  guardedContract(() => fake("basic"));
});

describe("the fake with tokens", () => {
  registryContract(() => fake("bearer"), whole);
  guardedContract(() => fake("bearer"));
});
