import type { V1EndpointSlice, V1HTTPIngressPath, V1Ingress, V1Secret, V1Service } from "@kubernetes/client-node";
import type { Route, RouteSettings, VirtualHost } from "./nginx-config.ts";

/** What Ingress objects refer to. */
export type IngressWorld = {
  readonly ingresses: readonly V1Ingress[];
  readonly services: readonly V1Service[];
  readonly endpointSlices: readonly V1EndpointSlice[];
  readonly secrets: readonly V1Secret[];
};

/** Hosts for nginx, and the PEM files that they name, by path below the configuration's directory. */
export type IngressConfig = {
  readonly hosts: readonly VirtualHost[];
  readonly files: Readonly<Record<string, string>>;
};

const prefix = "nginx.ingress.kubernetes.io/";

/** What an Ingress' annotations set; what they leave out has the real controller's default. */
export const routeSettings = (annotations: Readonly<Record<string, string>>, hasTls: boolean): RouteSettings => {
  const get = (name: string): string | undefined => annotations[`${prefix}${name}`];
  const number = (name: string): number | undefined => {
    const value = Number.parseInt(get(name) ?? "", 10);
    return Number.isNaN(value) ? undefined : value;
  };
  const perSecond = number("limit-rps");
  const bodySize = get("proxy-body-size") ?? "1m";
  return {
    sslRedirect: get("force-ssl-redirect") === "true" || (hasTls && get("ssl-redirect") !== "false"),
    bodySize: /^\d+[kKmMgG]?$/.test(bodySize) ? bodySize : "1m",
    requestsPerMinute: number("limit-rpm") ?? (perSecond && perSecond * 60),
    burstMultiplier: number("limit-burst-multiplier") ?? 5,
    connectTimeout: number("proxy-connect-timeout") ?? 5,
    readTimeout: number("proxy-read-timeout") ?? 60,
    sendTimeout: number("proxy-send-timeout") ?? 60,
  };
};

const sameNamespace =
  (namespace: string | undefined, name: string | undefined) =>
  (object: { readonly metadata?: { readonly namespace?: string; readonly name?: string } }): boolean =>
    object.metadata?.namespace === namespace && object.metadata?.name === name;

const endpointsOf = (world: IngressWorld, namespace: string | undefined, path: V1HTTPIngressPath): readonly string[] => {
  const wanted = path.backend.service;
  const service = world.services.find(sameNamespace(namespace, wanted?.name));
  const port = service?.spec?.ports?.find(({ name, port: number }) =>
    wanted?.port?.name ? name === wanted.port.name : number === wanted?.port?.number,
  );
  if (!port) return [];
  return world.endpointSlices
    .filter(({ metadata }) => metadata?.namespace === namespace && metadata?.labels?.["kubernetes.io/service-name"] === wanted?.name)
    .flatMap((slice) => {
      const number = slice.ports?.find(({ name }) => (name ?? "") === (port.name ?? ""))?.port;
      const ready = (slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
      return number ? ready.flatMap(({ addresses }) => addresses.map((address) => `${address}:${number}`)) : [];
    })
    .toSorted();
};

const pem = (secret: V1Secret | undefined, key: string): string | undefined => {
  const encoded = secret?.data?.[key];
  return encoded && Buffer.from(encoded, "base64").toString("utf8");
};

type Certificate = { readonly hosts: readonly string[]; readonly name: string; readonly files: Readonly<Record<string, string>> };

const certificatesOf = (world: IngressWorld, { metadata, spec }: V1Ingress): readonly Certificate[] =>
  (spec?.tls ?? []).flatMap((tls) => {
    const secret = world.secrets.find(sameNamespace(metadata?.namespace, tls.secretName));
    const [cert, key] = [pem(secret, "tls.crt"), pem(secret, "tls.key")];
    if (!cert || !key) return [];
    const name = `tls/${metadata?.namespace}_${tls.secretName}`;
    return [{ hosts: tls.hosts ?? [], name, files: { [`${name}.crt`]: cert, [`${name}.key`]: key } }];
  });

const covers = (pattern: string, host: string): boolean =>
  pattern === host || (pattern.startsWith("*.") && host.slice(host.indexOf(".")) === pattern.slice(1));

const routesOf = (world: IngressWorld, ingress: V1Ingress, paths: readonly V1HTTPIngressPath[]): readonly Route[] => {
  const annotations = ingress.metadata?.annotations ?? {};
  const settings = routeSettings(annotations, (ingress.spec?.tls ?? []).length > 0);
  const scheme = annotations[`${prefix}backend-protocol`] === "HTTPS" ? "https" : "http";
  return paths.map((path) => ({
    path: path.path ?? "/",
    exact: path.pathType === "Exact",
    scheme,
    endpoints: endpointsOf(world, ingress.metadata?.namespace, path),
    settings,
  }));
};

/** Translates Ingress objects into nginx hosts. The first Ingress (by namespace and name) that claims a host and path has it. */
export const virtualHosts = (world: IngressWorld): IngressConfig => {
  const hosts = new Map<string, { certificate: VirtualHost["certificate"]; routes: Route[] }>();
  let files: Readonly<Record<string, string>> = {};
  for (const ingress of world.ingresses) {
    const certificates = certificatesOf(world, ingress);
    files = Object.assign({}, files, ...certificates.map((certificate) => certificate.files));
    const fallback = ingress.spec?.defaultBackend;
    const rules = [
      ...(ingress.spec?.rules ?? []),
      ...(fallback ? [{ http: { paths: [{ path: "/", pathType: "Prefix", backend: fallback }] } }] : []),
    ];
    for (const { host = "_", http } of rules) {
      const claimed = hosts.get(host) ?? { certificate: undefined, routes: [] };
      const own = certificates.find((certificate) => certificate.hosts.some((pattern) => covers(pattern, host)));
      if (own) {
        claimed.certificate ??= { certFile: `/etc/ingress/${own.name}.crt`, keyFile: `/etc/ingress/${own.name}.key` };
      }
      for (const route of routesOf(world, ingress, http?.paths ?? [])) {
        const taken = claimed.routes.some(({ path, exact }) => path === route.path && exact === route.exact);
        if (!taken) claimed.routes.push(route);
      }
      hosts.set(host, claimed);
    }
  }
  const list = [...hosts].map(([host, rest]) => ({ host, ...rest }));
  return { hosts: list.toSorted((one, other) => one.host.localeCompare(other.host)), files };
};
