import { z } from "zod";
import type { EntryPoint } from "../../../domain/status/release-facts.ts";
import { many, metadata } from "../workloads/shapes.ts";

const parentSchema = z.object({ name: z.string(), namespace: z.string().nullish(), sectionName: z.string().nullish() });

/** An HTTPRoute as far as it is read. */
export const httpRouteSchema = z.object({
  metadata,
  spec: z
    .object({
      parentRefs: many(parentSchema),
      hostnames: many(z.string()),
      rules: many(
        z.object({
          matches: many(z.object({ path: z.object({ value: z.string().nullish() }).nullish() })),
          backendRefs: many(z.object({ name: z.string() })),
        }),
      ),
    })
    .prefault({}),
});

const listenerSchema = z.object({
  name: z.string(),
  protocol: z.string(),
  tls: z.object({ certificateRefs: many(z.object({ name: z.string(), namespace: z.string().nullish() })) }).nullish(),
});

/** A Gateway as far as it is read. */
export const gatewaySchema = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string().default("") }),
  spec: z.object({ gatewayClassName: z.string(), listeners: many(listenerSchema) }),
  status: z.object({ addresses: many(z.object({ value: z.string() })) }).prefault({}),
});

/** A Gateway as far as it is read. */
export type Gateway = z.infer<typeof gatewaySchema>;

type HttpRoute = z.infer<typeof httpRouteSchema>;

/** Which Gateway a route hangs on; without a namespace it is the route's own. */
export function gatewayOf({ spec }: HttpRoute): { readonly name: string; readonly namespace?: string } {
  const parent = spec.parentRefs[0];
  return { name: parent?.name ?? "", ...(parent?.namespace ? { namespace: parent.namespace } : {}) };
}

/**
 * One entry point per host of the route; none for a route that leads to no Service (it only redirects). Where the Gateway may not be read,
 * TLS is taken for granted: the handshake tells the rest.
 */
export function fromHttpRoute({ metadata: meta, spec }: HttpRoute, gateway: Gateway | undefined, namespace: string): readonly EntryPoint[] {
  const paths = spec.rules.flatMap(({ matches, backendRefs }) =>
    backendRefs.slice(0, 1).flatMap(({ name: service }) => pathsOf(matches).map((path) => ({ path, service }))),
  );
  if (paths.length === 0) return [];
  const section = spec.parentRefs[0]?.sectionName;
  const listeners = gateway?.spec.listeners.filter(({ name }) => !section || name === section) ?? [];
  const secure = listeners.find(({ protocol }) => protocol === "HTTPS" || protocol === "TLS");
  const certificate = secure?.tls?.certificateRefs[0];
  // A Secret of another namespace is the Gateway owner's.
  const own = certificate !== undefined && (certificate.namespace ?? gateway?.metadata.namespace) === namespace;
  return (spec.hostnames.length === 0 ? [""] : spec.hostnames).map((host) => ({
    kind: "HTTPRoute",
    name: meta.name,
    host,
    tls: gateway === undefined || secure !== undefined,
    ...(own ? { tlsSecret: certificate.name } : {}),
    ...(gateway === undefined ? {} : { className: gateway.spec.gatewayClassName }),
    addresses: gateway?.status.addresses.map(({ value }) => value) ?? [],
    paths,
  }));
}

function pathsOf(matches: HttpRoute["spec"]["rules"][number]["matches"]): readonly string[] {
  return matches.length === 0 ? ["/"] : matches.map(({ path }) => path?.value ?? "/");
}
