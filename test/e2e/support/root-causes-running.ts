import type { Trouble } from "./root-causes.ts";
import { backend, canary, container, idle, job, object, podSpec, withEnv } from "./root-causes-pods.ts";

/** Trouble of containers on a node: what they need is not there, they end, or they do not answer. */
export const runningTroubles: readonly Trouble[] = [
  {
    title: "a crash loop",
    name: "cause-crash",
    objects: [backend(podSpec("echo starting; echo 'FATAL: no licence in /etc/licence' >&2; exit 3"))],
    kind: "crash",
    what: /^container main ended with exit code 3, restarted (once|\d+ times): FATAL: no licence in \/etc\/licence$/,
    object: /^Pod\/backend-/,
    fix: /kubectl -n cause-crash logs backend-\S+ -c main (--previous )?--tail=50$/,
    line: "FATAL: no licence in /etc/licence",
  },
  {
    title: "a container that wants more memory than its limit",
    name: "cause-memory",
    objects: [backend(podSpec("exec tail /dev/zero", { resources: { limits: { memory: "24Mi" } } }))],
    kind: "crash",
    what: /^container main was killed for want of memory \(OOMKilled\) at its limit of 24Mi/,
    object: /^Pod\/backend-/,
    fix: /more memory.*kubectl -n cause-memory describe pod backend-/,
  },
  {
    title: "an init container that fails",
    name: "cause-init",
    objects: [backend(podSpec(idle, {}, { initContainers: [container("wait-for-vault", "echo 'no answer from vault:8200'; exit 4")] }))],
    kind: "crash",
    what: /^init container wait-for-vault ended with exit code 4.*: no answer from vault:8200$/,
    object: /^Pod\/backend-/,
    fix: /kubectl -n cause-init logs backend-\S+ -c wait-for-vault (--previous )?--tail=50$/,
    line: "no answer from vault:8200",
  },
  {
    title: "a program that is not in the image",
    name: "cause-program",
    objects: [backend(podSpec(idle, { command: ["/no/such/program"] }))],
    kind: "start-refused",
    what: /^the node cannot start container main: exec: "\/no\/such\/program": stat \/no\/such\/program: no such file or directory$/,
    object: /^Pod\/backend-/,
    fix: /^The image is not the one that the chart was made for.*describe pod backend-/,
  },
  {
    title: "a job that gives up",
    name: "cause-job",
    objects: [job("migrations-1", "migrations", podSpec("echo 'install 1.1.0 first'; exit 3"))],
    kind: "job-failed",
    what: /^the job gave up \(BackoffLimitExceeded\), exit code 3: install 1\.1\.0 first$/,
    object: /^Pod\/migrations-1-/,
    fix: /makes the job anew: kubectl -n cause-job logs migrations-1-\S+ -c main --tail=50$/,
    line: "install 1.1.0 first",
  },
  {
    title: "a readiness probe that fails",
    name: "cause-readiness",
    objects: [
      backend(
        podSpec(`echo 'listening on 9000'; ${idle}`, {
          readinessProbe: { httpGet: { path: "/health/ready", port: 8000 }, periodSeconds: 2 },
        }),
      ),
    ],
    kind: "probe",
    what: /^the readiness probe of main fails: Get "http:\/\/[\d.]+:8000\/health\/ready": .*connection refused$/,
    object: /^Pod\/backend-/,
    fix: /readiness probe asks: kubectl -n cause-readiness logs backend-\S+ -c main --tail=50$/,
    line: "listening on 9000",
  },
  {
    title: "a liveness probe that kills",
    name: "cause-liveness",
    objects: [
      backend(
        podSpec(`echo 'stuck on purpose'; ${idle}`, {
          livenessProbe: { exec: { command: ["cat", "/alive"] }, periodSeconds: 1, failureThreshold: 1 },
        }),
      ),
    ],
    kind: "probe",
    what: /^the liveness probe of main fails: cat: can't open '\/alive'.* \(restarted/,
    object: /^Pod\/backend-/,
    fix: /kubectl -n cause-liveness logs backend-\S+ -c main (--previous )?--tail=50$/,
    line: "stuck on purpose",
  },
  {
    title: "a ConfigMap that is not there",
    name: "cause-configmap",
    objects: [backend(podSpec(idle, { envFrom: [{ configMapRef: { name: "backend-settings" } }] }))],
    kind: "config-missing",
    what: /^ConfigMap "backend-settings" does not exist$/,
    object: /^Pod\/backend-/,
    fix: /migratectl install -n cause-configmap$/,
  },
  {
    title: "a Secret without the key that is asked for",
    name: "cause-secret-key",
    objects: [
      object("Secret", "app-secrets", { stringData: { "other-key": canary } }),
      backend(podSpec(idle, withEnv({ name: "JWT", valueFrom: { secretKeyRef: { name: "app-secrets", key: "jwt-secret" } } }))),
    ],
    kind: "config-missing",
    what: /^Secret "app-secrets" has no key "jwt-secret"$/,
    object: /^Pod\/backend-/,
    fix: /kubectl -n cause-secret-key describe secret app-secrets$/,
  },
  {
    title: "a Secret that is mounted and not there",
    name: "cause-secret-volume",
    objects: [
      backend(
        podSpec(
          idle,
          { volumeMounts: [{ name: "credentials", mountPath: "/credentials" }] },
          { volumes: [{ name: "credentials", secret: { secretName: "postgres-credentials" } }] },
        ),
      ),
    ],
    kind: "config-missing",
    what: /^Secret "postgres-credentials" does not exist$/,
    object: /^Pod\/backend-/,
    fix: /kubectl -n cause-secret-volume get secret postgres-credentials$/,
  },
];
