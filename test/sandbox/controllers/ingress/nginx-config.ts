/** One path of a host, and the pods that answer it. */
export type Route = {
  readonly path: string;
  readonly exact: boolean;
  readonly scheme: "http" | "https";
  /** `address:port` of every ready pod. */
  readonly endpoints: readonly string[];
  readonly settings: RouteSettings;
};

/** What annotations set for the paths of an Ingress. */
export type RouteSettings = {
  readonly sslRedirect: boolean;
  readonly bodySize: string;
  readonly requestsPerMinute: number | undefined;
  readonly burstMultiplier: number;
  /** Seconds. */
  readonly connectTimeout: number;
  readonly readTimeout: number;
  readonly sendTimeout: number;
};

/** A host name (or `_` for any) with its certificate and its paths. */
export type VirtualHost = {
  readonly host: string;
  /** Paths of PEM files as the controller's pod sees them; undefined serves the controller's own certificate. */
  readonly certificate: { readonly certFile: string; readonly keyFile: string } | undefined;
  readonly routes: readonly Route[];
};

const fallback = { certFile: "/etc/ingress/default.crt", keyFile: "/etc/ingress/default.key" } as const;

const quoted = (text: string): string => `"${text.replaceAll(/["\\$]/g, "\\$&")}"`;

const location = (route: Route, host: number, index: number, withTls: boolean): string => {
  const { settings } = route;
  const name = `${host}_${index}`;
  const lines = [
    ...(withTls && settings.sslRedirect ? ["if ($scheme = http) { return 308 https://$host$request_uri; }"] : []),
    `client_max_body_size ${settings.bodySize};`,
    ...(settings.requestsPerMinute
      ? [`limit_req zone=limit_${name} burst=${settings.requestsPerMinute * settings.burstMultiplier} nodelay;`]
      : []),
    ...(route.endpoints.length === 0
      ? ["return 503;"]
      : [
          `proxy_connect_timeout ${settings.connectTimeout}s;`,
          `proxy_read_timeout ${settings.readTimeout}s;`,
          `proxy_send_timeout ${settings.sendTimeout}s;`,
          `proxy_pass ${route.scheme}://upstream_${name};`,
        ]),
  ];
  const modifier = route.exact ? "= " : "";
  return `    location ${modifier}${quoted(route.path)} {\n${lines.map((line) => `      ${line}\n`).join("")}    }\n`;
};

const outside = (route: Route, host: number, index: number): string => {
  const name = `${host}_${index}`;
  const { requestsPerMinute } = route.settings;
  const zone = requestsPerMinute ? `  limit_req_zone $binary_remote_addr zone=limit_${name}:1m rate=${requestsPerMinute}r/m;\n` : "";
  const servers = route.endpoints.map((endpoint) => `    server ${endpoint} max_fails=0;\n`).join("");
  // No keepalive: a connection that is kept outlives the NetworkPolicy that let it in, and a missing allow rule would go unseen.
  return zone + (servers && `  upstream upstream_${name} {\n    zone upstream_${name} 64k;\n${servers}  }\n`);
};

const server = (virtual: VirtualHost, host: number): string => {
  const { certFile, keyFile } = virtual.certificate ?? fallback;
  const locations = virtual.routes.map((route, index) => location(route, host, index, virtual.certificate !== undefined));
  const hasRoot = virtual.routes.some(({ path, exact }) => path === "/" && !exact);
  return `${virtual.routes.map((route, index) => outside(route, host, index)).join("")}  server {
    listen 80${virtual.host === "_" ? " default_server" : ""};
    listen 443 ssl http2${virtual.host === "_" ? " default_server" : ""};
    server_name ${virtual.host};
    ssl_certificate ${certFile};
    ssl_certificate_key ${keyFile};
${locations.join("")}${hasRoot ? "" : "    location / {\n      return 404;\n    }\n"}  }
`;
};

/** The whole configuration of nginx for the given hosts; a host that nobody claims gets the default certificate and 404. */
export const renderNginx = (hosts: readonly VirtualHost[]): string => {
  const claimed = hosts.some(({ host }) => host === "_");
  const all = claimed ? hosts : [{ host: "_", certificate: undefined, routes: [] }, ...hosts];
  return `user root;
worker_processes 2;
pid /etc/ingress/nginx.pid;
error_log stderr notice;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path /tmp/body;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;
  server_tokens off;
  server_names_hash_bucket_size 256;
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_session_cache shared:ssl:1m;
  limit_req_status 503;
  proxy_http_version 1.1;
  proxy_ssl_verify off;
  proxy_set_header Host $http_host;
  proxy_set_header X-Real-IP $remote_addr;
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_set_header X-Forwarded-Host $http_host;
  proxy_set_header X-Forwarded-Proto $scheme;
  map $http_upgrade $connection_upgrade {
    default upgrade;
    '' '';
  }
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection $connection_upgrade;
  server {
    listen 10254;
    location = /healthz { return 200; }
  }
${all.map(server).join("")}}
`;
};
