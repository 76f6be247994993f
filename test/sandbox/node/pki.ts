import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Layout } from "../layout.ts";
import { network } from "../layout.ts";
import { run } from "../run.ts";

const ecKey = (): string =>
  generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();

const authority = async (dir: string, name: string, commonName: string): Promise<void> => {
  const key = join(dir, `${name}.key`);
  writeFileSync(key, ecKey(), { mode: 0o600 });
  await run([
    "openssl",
    "req",
    "-x509",
    "-new",
    "-key",
    key,
    "-days",
    "3650",
    "-subj",
    `/CN=${commonName}`,
    "-addext",
    "keyUsage=critical,keyCertSign,cRLSign",
    "-out",
    join(dir, `${name}.crt`),
  ]);
};

const certificate = async (
  dir: string,
  authorityName: string,
  name: string,
  subject: string,
  names: readonly string[] = [],
): Promise<void> => {
  const key = join(dir, `${name}.key`);
  writeFileSync(key, ecKey(), { mode: 0o600 });
  await run([
    "openssl",
    "req",
    "-x509",
    "-new",
    "-key",
    key,
    "-days",
    "825",
    "-subj",
    subject,
    "-CA",
    join(dir, `${authorityName}.crt`),
    "-CAkey",
    join(dir, `${authorityName}.key`),
    "-addext",
    "basicConstraints=critical,CA:FALSE",
    "-addext",
    "keyUsage=critical,digitalSignature",
    "-addext",
    "extendedKeyUsage=serverAuth,clientAuth",
    ...(names.length > 0 ? ["-addext", `subjectAltName=${names.join(",")}`] : []),
    "-out",
    join(dir, `${name}.crt`),
  ]);
};

/** Users of the API server, by the name of their key and kubeconfig. */
export const users = {
  admin: "/O=system:masters/CN=admin",
  "controller-manager": "/CN=system:kube-controller-manager",
  scheduler: "/CN=system:kube-scheduler",
  proxy: "/CN=system:kube-proxy",
  node: `/O=system:nodes/CN=system:node:${network.nodeName}`,
  namespaced: `/CN=${network.namespacedUser}`,
} as const;

/** Makes every key and certificate of an instance: the cluster's authority, the client's private one for the registry, and what they sign. */
export const createPki = async (layout: Layout, apiServerAddress: string): Promise<void> => {
  const dir = layout.pki;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  await Promise.all([authority(dir, "ca", "sandbox-ca"), authority(dir, "client-ca", "Client Private CA")]);
  const serviceAccountKey = ecKey();
  writeFileSync(join(dir, "sa.key"), serviceAccountKey, { mode: 0o600 });
  writeFileSync(join(dir, "sa.pub"), createPublicKey(serviceAccountKey).export({ type: "spki", format: "pem" }));
  const addresses = [...new Set([apiServerAddress, "127.0.0.1", network.nodeAddress, network.apiServiceAddress])];
  await Promise.all([
    certificate(dir, "ca", "apiserver", "/CN=kube-apiserver", [
      ...addresses.map((address) => `IP:${address}`),
      ...["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"].map((name) => `DNS:${name}`),
    ]),
    certificate(dir, "ca", "front-proxy", "/CN=front-proxy"),
    certificate(dir, "ca", "kubelet", `/CN=${network.nodeName}`, [`IP:${network.nodeAddress}`, `DNS:${network.nodeName}`]),
    certificate(dir, "client-ca", "registry", `/CN=${network.registryHost}`, [`DNS:${network.registryHost}`]),
    certificate(dir, "client-ca", "ingress-default", "/CN=ingress.local", ["DNS:ingress.local"]),
    ...Object.entries(users).map(([name, subject]) => certificate(dir, "ca", name, subject)),
  ]);
  writeFileSync(layout.registryCa, readFileSync(join(dir, "client-ca.crt")));
};

/** The text of a kubeconfig that needs no other file, for one of `users`. */
export const kubeconfigFor = (layout: Layout, user: keyof typeof users, server: string, namespace?: string): string => {
  const encoded = (file: string): string => readFileSync(join(layout.pki, file)).toString("base64");
  const cluster = { server, "certificate-authority-data": encoded("ca.crt") };
  const credentials = {
    "client-certificate-data": encoded(`${user}.crt`),
    "client-key-data": encoded(`${user}.key`),
  };
  return `${JSON.stringify(
    {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "sandbox", cluster }],
      users: [{ name: user, user: credentials }],
      contexts: [{ name: "sandbox", context: { cluster: "sandbox", user, ...(namespace && { namespace }) } }],
      "current-context": "sandbox",
    },
    null,
    2,
  )}\n`;
};
