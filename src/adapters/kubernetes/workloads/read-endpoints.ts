import { z } from "zod";
import type { Autoscaler, BackupJob, EntryPoint, ServiceFact } from "../../../domain/status/release-facts.ts";
import { componentOf, condition, many, metadata, time } from "./shapes.ts";

/** An Ingress as far as it is read. */
export const ingressSchema = z.object({
  metadata,
  spec: z
    .object({
      ingressClassName: z.string().nullish(),
      tls: many(z.object({ hosts: many(z.string()), secretName: z.string().nullish() })),
      rules: many(
        z.object({
          host: z.string().nullish(),
          http: z
            .object({
              paths: many(
                z.object({ path: z.string().nullish(), backend: z.object({ service: z.object({ name: z.string() }).nullish() }) }),
              ),
            })
            .nullish(),
        }),
      ),
    })
    .prefault({}),
  status: z
    .object({ loadBalancer: z.object({ ingress: many(z.object({ ip: z.string().nullish(), hostname: z.string().nullish() })) }).nullish() })
    .prefault({}),
});

/** One entry point per host of the Ingress; a rule without a host has the host "". */
export function fromIngress({ metadata: meta, spec, status }: z.infer<typeof ingressSchema>): readonly EntryPoint[] {
  const addresses = (status.loadBalancer?.ingress ?? []).flatMap((one) => one.ip || one.hostname || []);
  const hosts = [...new Set(spec.rules.map((rule) => rule.host ?? ""))];
  return hosts.map((host) => {
    const tls = spec.tls.find((one) => one.hosts.length === 0 || one.hosts.includes(host));
    return {
      kind: "Ingress",
      name: meta.name,
      host,
      tls: tls !== undefined,
      ...(tls?.secretName ? { tlsSecret: tls.secretName } : {}),
      ...(spec.ingressClassName ? { className: spec.ingressClassName } : {}),
      addresses,
      paths: spec.rules
        .filter((rule) => (rule.host ?? "") === host)
        .flatMap((rule) => (rule.http?.paths ?? []).map((one) => ({ path: one.path ?? "/", service: one.backend.service?.name ?? "" }))),
    };
  });
}

/** A Service as far as it is read. */
export const serviceSchema = z.object({
  metadata,
  spec: z.object({
    type: z.string().default("ClusterIP"),
    ports: many(z.object({ name: z.string().nullish(), port: z.number(), targetPort: z.union([z.number(), z.string()]).nullish() })),
  }),
});

/** The Service in the domain's words. */
export function fromService({ metadata: meta, spec }: z.infer<typeof serviceSchema>): ServiceFact {
  return {
    name: meta.name,
    component: componentOf(meta),
    type: spec.type,
    ports: spec.ports.map((one) => ({ name: one.name ?? "", port: one.port, targetPort: String(one.targetPort ?? one.port) })),
  };
}

const quantity = z
  .object({ averageUtilization: z.number().nullish(), averageValue: z.string().nullish(), value: z.string().nullish() })
  .nullish();
const resourceMetric = z.object({ name: z.string(), target: quantity, current: quantity }).nullish();
const namedMetric = z.object({ metric: z.object({ name: z.string() }), target: quantity, current: quantity }).nullish();
/** A metric of the spec (with a target) or of the status (with a current figure). */
const metric = z.object({
  resource: resourceMetric,
  containerResource: resourceMetric,
  external: namedMetric,
  pods: namedMetric,
  object: namedMetric,
});

/** A HorizontalPodAutoscaler (autoscaling/v2) as far as it is read. */
export const autoscalerSchema = z.object({
  metadata,
  spec: z.object({
    scaleTargetRef: z.object({ kind: z.string(), name: z.string() }),
    minReplicas: z.number().nullish(),
    maxReplicas: z.number(),
    metrics: many(metric),
  }),
  status: z.object({ currentMetrics: many(metric), conditions: many(condition) }).prefault({}),
});

/** The autoscaler in the domain's words. A metric that was never measured is missing from the status, or has no name there. */
export function fromAutoscaler({ metadata: meta, spec, status }: z.infer<typeof autoscalerSchema>): Autoscaler {
  const current = new Map(status.currentMetrics.map((one) => [nameOf(one), figure(one, "current")]));
  const failing = status.conditions.find(
    (one) => (one.type === "ScalingActive" || one.type === "AbleToScale") && one.status === "False" && one.reason !== "ScalingDisabled",
  );
  return {
    name: meta.name,
    target: spec.scaleTargetRef,
    minimum: spec.minReplicas ?? 1,
    maximum: spec.maxReplicas,
    metrics: spec.metrics.map((one) => {
      const name = nameOf(one);
      const measured = current.get(name);
      return { name, target: figure(one, "target") ?? "", ...(measured === undefined ? {} : { current: measured }) };
    }),
    ...(failing === undefined ? {} : { trouble: { reason: failing.reason, message: failing.message } }),
  };
}

function nameOf(one: z.infer<typeof metric>): string {
  return (
    one.resource?.name ?? one.containerResource?.name ?? one.external?.metric.name ?? one.pods?.metric.name ?? one.object?.metric.name ?? ""
  );
}

function figure(one: z.infer<typeof metric>, field: "target" | "current"): string | undefined {
  const found = (one.resource ?? one.containerResource ?? one.external ?? one.pods ?? one.object)?.[field];
  if (found?.averageUtilization !== undefined && found.averageUtilization !== null) return `${found.averageUtilization}%`;
  return found?.averageValue ?? found?.value ?? undefined;
}

/** A CronJob as far as it is read. */
export const cronJobSchema = z.object({
  metadata,
  spec: z.object({ schedule: z.string(), suspend: z.boolean().nullish() }),
  status: z.object({ active: many(z.unknown()), lastScheduleTime: time, lastSuccessfulTime: time }).prefault({}),
});

/** The CronJob in the domain's words. */
export function fromCronJob({ metadata: meta, spec, status }: z.infer<typeof cronJobSchema>): BackupJob {
  return {
    name: meta.name,
    component: componentOf(meta),
    schedule: spec.schedule,
    suspended: spec.suspend === true,
    createdAt: meta.creationTimestamp ?? new Date(0),
    ...(status.lastScheduleTime === undefined ? {} : { lastScheduled: status.lastScheduleTime }),
    ...(status.lastSuccessfulTime === undefined ? {} : { lastSuccessful: status.lastSuccessfulTime }),
    active: status.active.length,
  };
}
