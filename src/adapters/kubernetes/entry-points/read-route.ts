import { z } from "zod";
import type { EntryPoint } from "../../../domain/status/release-facts.ts";
import { many, metadata } from "../workloads/shapes.ts";

/** A Route of OpenShift as far as it is read. */
export const routeSchema = z.object({
  metadata,
  spec: z.object({
    host: z.string().nullish(),
    path: z.string().nullish(),
    to: z.object({ name: z.string() }),
    tls: z.object({ externalCertificate: z.object({ name: z.string() }).nullish() }).nullish(),
  }),
  status: z.object({ ingress: many(z.object({ host: z.string().nullish(), routerCanonicalHostname: z.string().nullish() })) }).prefault({}),
});

type Route = z.infer<typeof routeSchema>;

/** One entry point per host: a Route has one path only, so that several make up one way in. */
export function fromRoutes(routes: readonly Route[]): readonly EntryPoint[] {
  return [...Map.groupBy(routes, hostOf)].map(([host, group]) => {
    const front = group.find(({ spec }) => (spec.path ?? "/") === "/") ?? group[0];
    const secret = front?.spec.tls?.externalCertificate?.name;
    return {
      kind: "Route",
      name: front?.metadata.name ?? "",
      host,
      tls: front?.spec.tls !== undefined && front.spec.tls !== null,
      ...(secret === undefined ? {} : { tlsSecret: secret }),
      addresses: [...new Set(group.flatMap(({ status }) => status.ingress.flatMap((one) => one.routerCanonicalHostname || [])))],
      paths: group.map(({ spec }) => ({ path: spec.path ?? "/", service: spec.to.name })),
    };
  });
}

/** The router gives a host to a Route that asks for none. */
function hostOf({ spec, status }: Route): string {
  return spec.host || (status.ingress[0]?.host ?? "");
}
