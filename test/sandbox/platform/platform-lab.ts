import { createHash } from "node:crypto";
import type { Container } from "./container.ts";
import { eventually } from "./eventually.ts";
import { PodLab } from "./oci-pods.ts";
import { pgbackrestConfig, pgbouncerConfig, postgresConfig, postgresPasswordKeys, redisConfig } from "./reference-config.ts";

/** The user ids of the image contract. */
const uids = { app: 10001, postgres: 10002, redis: 10003, pgbouncer: 10004 } as const;

const secrets = "/run/secrets/migrate-platform";

/** How a container of the Postgres image differs from the others of its pod. */
export interface PostgresOptions {
  readonly name?: string;
  /** The pod whose backup repository it has. */
  readonly repository?: string;
  readonly secret?: Readonly<Record<string, string>>;
  /** The key of the backups instead of the laboratory's. */
  readonly cipherKey?: string;
  /** pgbackrest.conf instead of the reference. */
  readonly pgbackrest?: string;
  /** A pod beside the primary, that reads its repository. */
  readonly scratch?: boolean;
  /** Content of the Secret backup-repository, where the repository is a bucket. */
  readonly bucket?: Readonly<Record<string, string>>;
  /** Where the agent finds the Redis that it keeps, as the chart's environment says it. */
  readonly redis?: Readonly<Record<string, string>>;
}

/** The platform's containers as the chart would start them, with settings of the chart's kind and passwords of the awkward kind. */
export class PlatformLab {
  readonly pods: PodLab;
  readonly passwords: Readonly<Record<string, string>>;
  /** Base64 may end in equals signs, which pgBackRest's configuration must bear. */
  readonly cipherKey = Buffer.from(`key of the backups, ${"0123456789abcdef".repeat(2)}`).toString("base64");

  private constructor(pods: PodLab, passwords: Readonly<Record<string, string>>) {
    this.pods = pods;
    this.passwords = passwords;
  }

  /** A laboratory over the images of a layout. */
  static async open(layout: string, folder: string): Promise<PlatformLab> {
    const names = [...postgresPasswordKeys, "redis-password"];
    const awkward = Object.fromEntries(names.map((name, index) => [name, `s3cr3t'"\\: ${name} ${index}`]));
    // The exporter calls a connection string with quotes or backslashes malformed, and then logs it with the password in it.
    const passwords = { ...awkward, "monitoring-password": "s3cr3t-monitoring.password~4" };
    return new PlatformLab(await PodLab.open(layout, folder), passwords);
  }

  /** The mounts of a container of the Postgres pod `pod`; `repository` is the pod whose backup repository it has. */
  async postgresVolumes(
    pod: string,
    repository = pod,
  ): Promise<Readonly<Record<string, string>> & { readonly "/var/lib/pgbackrest": string }> {
    const own = async (name: string): Promise<string> => this.pods.volume(name, uids.postgres);
    return {
      "/var/lib/postgresql/data": await own(`${pod}/data`),
      "/var/lib/pgbackrest": await own(`${repository}/repository`),
      "/var/run/postgresql": await own(`${pod}/run`),
      "/var/log/pgbackrest": await own(`${pod}/log`),
      "/var/spool/pgbackrest": await own(`${pod}/spool`),
    };
  }

  /** The secret postgres-credentials, with other passwords where `changed` says so. */
  async postgresSecret(changed: Readonly<Record<string, string>> = {}): Promise<Readonly<Record<string, string>>> {
    const content = Object.fromEntries(postgresPasswordKeys.map((key) => [key, changed[key] ?? this.passwords[key] ?? ""]));
    return {
      [`${secrets}/postgres-credentials`]: await this.pods.files(`postgres-credentials-${Object.keys(changed).join("-")}`, content),
    };
  }

  /** A container of the Postgres image in the role. */
  async postgres(pod: string, args: readonly string[], more: PostgresOptions = {}): Promise<Container> {
    const { "/var/lib/pgbackrest": repository, ...volumes } = await this.postgresVolumes(pod, more.repository);
    const scratch = more.scratch === true;
    return this.pods.start(more.name ?? pod, "postgres", {
      pod,
      args,
      env: {
        PRIMARY_HOST: "postgres",
        POSTGRES_DB: "migration",
        PRIMARY_WAIT_SECONDS: "20",
        HEARTBEAT_SECONDS: "5",
        BACKUP_TIMEOUT: "120",
        ...(scratch ? { RESTORE_SCRATCH: "yes" } : {}),
        ...more.redis,
      },
      volumes: scratch ? volumes : { ...volumes, "/var/lib/pgbackrest": repository },
      readOnly: {
        ...(scratch ? { "/var/lib/pgbackrest": repository } : {}),
        "/etc/postgresql": await this.pods.files("postgresql", postgresConfig),
        "/etc/pgbackrest": await this.#pgbackrest(more.pgbackrest ?? pgbackrestConfig["pgbackrest.conf"]),
        ...(await this.#cipherKey(more.cipherKey ?? this.cipherKey)),
        ...(await this.#bucket(more.bucket)),
        ...(more.redis === undefined ? {} : await this.redisSecret()),
        ...(more.secret ?? (await this.postgresSecret())),
      },
    });
  }

  /** A folder of its own for each configuration and each key: containers that run keep theirs. */
  #pgbackrest(text: string): Promise<string> {
    return this.pods.files(`pgbackrest-${digestOf(text)}`, { "pgbackrest.conf": text });
  }

  async #bucket(content: PostgresOptions["bucket"]): Promise<Readonly<Record<string, string>>> {
    if (content === undefined) return {};
    return { [`${secrets}/backup-repository`]: await this.pods.files(`backup-repository-${digestOf(JSON.stringify(content))}`, content) };
  }

  async #cipherKey(key: string): Promise<Readonly<Record<string, string>>> {
    return { [`${secrets}/backup-encryption`]: await this.pods.files(`backup-encryption-${digestOf(key)}`, { "cipher-key": key }) };
  }

  /** Waits until the Postgres of a container takes connections on its socket. */
  async postgresReady(container: Container, seconds = 90): Promise<void> {
    await this.#until(
      container,
      seconds,
      async () => (await container.exec("pg_isready", "-h", "/var/run/postgresql", "-q")) !== undefined,
    );
  }

  /** One value of a query as the superuser on the pod's own socket. */
  async query(container: Container, sql: string): Promise<string> {
    return (
      await container.exec("psql", "-X", "-A", "-t", "-q", "-h", "/var/run/postgresql", "-U", "postgres", "-d", "migration", "-c", sql)
    ).trim();
  }

  /** PgBouncer before the primary. */
  async pgbouncer(): Promise<Container> {
    return this.pods.start("pgbouncer", "pgbouncer", {
      volumes: { "/run/pgbouncer": await this.pods.volume("pgbouncer", uids.pgbouncer) },
      readOnly: { "/etc/pgbouncer": await this.pods.files("pgbouncer", pgbouncerConfig), ...(await this.postgresSecret()) },
    });
  }

  /** A Redis server or Sentinel of a pod. */
  async redis(pod: string, role: "server" | "sentinel", env: Readonly<Record<string, string>> = {}): Promise<Container> {
    return this.pods.start(`${pod}-${role}`, "redis", {
      pod,
      args: [role],
      env: { REDIS_MODE: "single", ...env },
      volumes: { "/data": await this.pods.volume(`${pod}/data`, uids.redis) },
      readOnly: { "/etc/redis": await this.pods.files("redis", redisConfig), ...(await this.redisSecret()) },
    });
  }

  /** The secret redis-credentials. */
  async redisSecret(): Promise<Readonly<Record<string, string>>> {
    return {
      [`${secrets}/redis-credentials`]: await this.pods.files("redis-credentials", {
        "redis-password": this.passwords["redis-password"] ?? "",
      }),
    };
  }

  /** A command of the backend image, or of another vendor's image; `layout` is that of another release, `args` those of the command. */
  async backend(
    pod: string,
    module: string,
    env: Readonly<Record<string, string>> = {},
    from: { readonly image?: string; readonly layout?: string; readonly args?: readonly string[] } = {},
  ): Promise<Container> {
    const mcp = { servers: [{ name: "assessment-tools", url: "http://mcp:8080", tools: ["classify_application"] }] };
    const settings = await this.pods.files("settings", {
      "mcp/capabilities.json": JSON.stringify(mcp),
      "retention.json": JSON.stringify({ assessments: 365, patterns: 730, crewState: 30, auditLog: 400 }),
      "tenants/acme.json": JSON.stringify({
        id: "acme",
        displayName: "Acme",
        branding: { brandColour: "#00aa55" },
        features: { reports: true },
      }),
    });
    return this.pods.start(pod, from.image ?? "backend", {
      ...(from.layout === undefined ? {} : { layout: from.layout }),
      args: [module, ...(from.args ?? [])],
      env: { DB_HOST: "pgbouncer", REDIS_HOST: "redis", WORKER_QUEUES: "default,discovery,assessment,analysis", ...env },
      volumes: {
        "/workspace": await this.pods.volume(`${pod}/workspace`, uids.app),
        "/cache": await this.pods.volume(`${pod}/cache`, uids.app),
      },
      readOnly: { "/etc/migrate-platform": settings, ...(await this.postgresSecret()), ...(await this.redisSecret()) },
    });
  }

  /** Waits until an HTTP server of a container answers 200. */
  async httpReady(container: Container, pod: string, path: string, port: number, seconds = 90): Promise<void> {
    await this.#until(container, seconds, async () => (await this.pods.http(pod, path, port)).status === 200);
  }

  /** Asks the API for an assessment; its id. */
  async assess(description: string, tenant = "default"): Promise<string> {
    const answer = await this.pods.http("backend", "/api/v1/assessments", 8000, { name: "Order desk", description }, [
      `X-Tenant-Id: ${tenant}`,
    ]);
    if (answer.status !== 202) throw new Error(`POST /api/v1/assessments: ${answer.status} ${answer.text}`);
    return (answer.json as { id: string }).id;
  }

  async #until(container: Container, seconds: number, attempt: () => Promise<boolean>): Promise<void> {
    await eventually(`${container.name} is ready`, seconds, async () => container.status !== undefined || (await attempt()));
    if (container.status !== undefined) throw new Error(`${container.name} ended with ${container.status}: ${container.output}`);
  }
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
