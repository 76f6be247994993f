import { busyboxImage } from "../../sandbox/node/images.ts";

/** An object as kubectl takes it. */
export type Manifest = Readonly<Record<string, unknown>>;

/** A secret that every pod here has in its environment; nothing that migratectl shows may hold it. */
export const canary = "canary-pod-env-7c1e";

/** Fields of a spec. */
type Spec = Readonly<Record<string, unknown>>;

/** Environment with the canary in it, and more. */
export const withEnv = (...env: readonly Spec[]): Spec => ({ env: [{ name: "API_TOKEN", value: canary }, ...env] });

/** A shell command that does nothing for as long as a test may take. */
export const idle = "exec sleep 86400";

/** A busybox container that runs a shell command. */
export function container(name: string, command: string, more: Spec = {}): Spec {
  return { name, image: busyboxImage, imagePullPolicy: "IfNotPresent", command: ["/bin/sh", "-c", command], ...withEnv(), ...more };
}

/** A pod of one such container, `main`. */
export function podSpec(command: string, main: Spec = {}, pod: Spec = {}): Spec {
  return { terminationGracePeriodSeconds: 0, automountServiceAccountToken: false, containers: [container("main", command, main)], ...pod };
}

const labels = (name: string) => ({ "app.kubernetes.io/instance": "migrate-platform", "app.kubernetes.io/name": name });

/** A workload of the release with one replica; `more` goes into its spec. */
export function workload(kind: "Deployment" | "StatefulSet", name: string, spec: Spec, more: Spec = {}): Manifest {
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name, labels: labels(name) },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name, ...labels(name) } }, spec },
      ...(kind === "StatefulSet" ? { serviceName: name } : {}),
      ...more,
    },
  };
}

/** The Deployment that most of the trouble is made with. */
export const backend = (spec: Spec, more: Spec = {}): Manifest => workload("Deployment", "backend", spec, more);

/** A Job of the release that does not try twice. */
export function job(name: string, component: string, spec: Spec): Manifest {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, labels: labels(component) },
    spec: { backoffLimit: 0, template: { metadata: { labels: labels(component) }, spec: { ...spec, restartPolicy: "Never" } } },
  };
}

/** An object of the core API. */
export const object = (kind: string, name: string, content: Spec): Manifest => ({ apiVersion: "v1", kind, metadata: { name }, ...content });
