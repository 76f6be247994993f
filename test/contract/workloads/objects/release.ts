import { gzipSync } from "node:zlib";
import type { Autoscaler, BackupJob, EntryPoint, HelmFacts, ServiceFact } from "../../../../src/domain/status/release-facts.ts";
import type { ReleaseScope } from "../../../../src/ports/cluster-workloads.ts";
import type { TlsSecret } from "../world.ts";
import { type KubernetesObject, labelsOf } from "./object.ts";

/** The Ingresses behind some entry points; those of one name are the hosts of one Ingress. */
export function ingressObjects({ release, namespace }: ReleaseScope, entries: readonly EntryPoint[]): readonly KubernetesObject[] {
  return [...Map.groupBy(entries, ({ name }) => name)].map(([name, hosts]) => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name, namespace, labels: labelsOf(release, name) },
    spec: {
      ...(hosts[0]?.className === undefined ? {} : { ingressClassName: hosts[0].className }),
      tls: hosts
        .filter(({ tls }) => tls)
        .map(({ host, tlsSecret }) => ({ hosts: [host], ...(tlsSecret === undefined ? {} : { secretName: tlsSecret }) })),
      rules: hosts.map(({ host, paths }) => ({
        host,
        http: {
          paths: paths.map(({ path, service }) => ({
            path,
            pathType: "Prefix",
            backend: { service: { name: service, port: { number: 80 } } },
          })),
        },
      })),
    },
    status: {
      loadBalancer: { ingress: (hosts[0]?.addresses ?? []).map((one) => (/^[\d.]+$/.test(one) ? { ip: one } : { hostname: one })) },
    },
  }));
}

/** A Service. */
export function serviceObject({ release, namespace }: ReleaseScope, { name, component, type, ports }: ServiceFact): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace, labels: labelsOf(release, component) },
    spec: {
      type,
      ports: ports.map(({ name: port, port: number, targetPort }) => ({
        name: port,
        port: number,
        targetPort: /^\d+$/.test(targetPort) ? Number(targetPort) : targetPort,
      })),
    },
  };
}

/** A HorizontalPodAutoscaler; a target in per cent is of a resource, another one of an external metric. */
export function autoscalerObject({ namespace }: ReleaseScope, autoscaler: Autoscaler): KubernetesObject {
  const { name, target, minimum, maximum, metrics, trouble } = autoscaler;
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name, namespace },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", ...target },
      minReplicas: minimum,
      maxReplicas: maximum,
      metrics: metrics.map((one) => metricObject(one.name, "target", one.target)),
    },
    status: {
      currentReplicas: minimum,
      desiredReplicas: minimum,
      currentMetrics: metrics.flatMap((one) => (one.current === undefined ? [] : [metricObject(one.name, "current", one.current)])),
      conditions: trouble === undefined ? [] : [{ type: "ScalingActive", status: "False", ...trouble }],
    },
  };
}

function metricObject(name: string, field: "target" | "current", figure: string): object {
  const percent = /^(\d+)%$/.exec(figure)?.[1];
  if (percent !== undefined) {
    const value = { ...(field === "target" ? { type: "Utilization" } : { averageValue: "1" }), averageUtilization: Number(percent) };
    return { type: "Resource", resource: { name, [field]: value } };
  }
  const value = { ...(field === "target" ? { type: "AverageValue" } : {}), averageValue: figure };
  return { type: "External", external: { metric: { name }, [field]: value } };
}

/** A CronJob. */
export function cronJobObject({ release, namespace }: ReleaseScope, job: BackupJob): KubernetesObject {
  const { name, component, schedule, suspended, lastScheduled, lastSuccessful, active } = job;
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name, namespace, labels: labelsOf(release, component) },
    spec: {
      schedule,
      suspend: suspended,
      jobTemplate: {
        spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "main", image: "registry.example/main:1" }] } } },
      },
    },
    status: {
      active: Array.from({ length: active }, (_, index) => ({ kind: "Job", name: `${name}-${index}`, namespace })),
      ...(lastScheduled === undefined ? {} : { lastScheduleTime: lastScheduled.toISOString() }),
      ...(lastSuccessful === undefined ? {} : { lastSuccessfulTime: lastSuccessful.toISOString() }),
    },
  };
}

/** One revision of Helm's own record, with values and manifest that hold a secret. */
export function helmObject({ release, namespace }: ReleaseScope, facts: HelmFacts, secret: string): KubernetesObject {
  const { revision, status, chartName, chartVersion, appVersion, deployedAt, profile } = facts;
  const payload = {
    name: release,
    version: revision,
    info: { status, ...(deployedAt === undefined ? {} : { last_deployed: deployedAt.toISOString() }) },
    chart: { metadata: { name: chartName, version: chartVersion, appVersion } },
    config: { ...(profile === undefined ? {} : { profile }), password: secret },
    manifest: `kind: Secret\nstringData: { password: ${secret} }`,
  };
  const encoded = Buffer.from(gzipSync(JSON.stringify(payload)).toString("base64")).toString("base64");
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: `sh.helm.release.v1.${release}.v${revision}`,
      namespace,
      labels: { owner: "helm", name: release, version: String(revision), status },
    },
    type: "helm.sh/release.v1",
    data: { release: encoded },
  };
}

/** A TLS Secret; one without certificate is Opaque, because Kubernetes insists on both parts of the other type. */
export function tlsObject(namespace: string, name: string, secret: TlsSecret): KubernetesObject {
  const metadata = { name, namespace };
  if (secret === "none") return { apiVersion: "v1", kind: "Secret", metadata, stringData: { "tls.key": "key without certificate" } };
  const { cert, key, ca } = secret;
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata,
    type: "kubernetes.io/tls",
    stringData: { "tls.crt": cert, "tls.key": key, ...(ca === undefined ? {} : { "ca.crt": ca }) },
  };
}
