import { z } from "zod";
import type { Reading } from "../../domain/reading.ts";
import { isOnTheWay } from "../../domain/rollout/find-causes.ts";
import type { EndpointStatus, ReleaseStatus, Summary } from "../../domain/status/status.ts";
import { besideJson, besideRows, besideSchema } from "./beside.ts";
import { causeJson, causeSchema, causeText } from "./cause.ts";
import type { Presenter } from "./presenter.ts";
import { profilePhrase } from "./profile.ts";
import { type Style, table } from "./style.ts";

const standing = z.enum(["good", "attention", "unknown"]);
const certificateSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("none") }),
  z.strictObject({
    kind: z.literal("read"),
    daysLeft: z.int(),
    notAfter: z.string(),
    names: z.array(z.string()),
    issuer: z.string(),
    coversHost: z.boolean(),
    standing,
  }),
  z.strictObject({ kind: z.literal("unreadable"), why: z.string() }),
  z.strictObject({ kind: z.literal("unknown"), why: z.string() }),
]);

const schema = z.strictObject({
  apiVersion: z.literal("migratectl/v1"),
  kind: z.literal("Status"),
  at: z.string(),
  release: z.string(),
  namespace: z.string(),
  version: z.string(),
  profile: z.string().optional(),
  /** Absent when Helm's record may not be read or there is none. */
  helm: z.strictObject({ revision: z.int(), status: z.string(), chart: z.string(), deployedAt: z.string().optional() }).optional(),
  summary: z.enum(["ready", "progressing", "degraded", "down"]),
  needsAttention: z.boolean(),
  components: z.array(
    z.strictObject({
      component: z.string(),
      workload: z.string(),
      ready: z.int(),
      wanted: z.int(),
      state: z.enum(["ready", "waiting", "progressing", "trouble"]),
      note: z.string(),
    }),
  ),
  causes: z.array(causeSchema),
  endpoints: z.array(z.strictObject({ url: z.string(), addresses: z.array(z.string()), certificate: certificateSchema })),
  backups: z.array(
    z.strictObject({
      name: z.string(),
      schedule: z.string(),
      lastSuccessful: z.string().optional(),
      ageSeconds: z.int().optional(),
      standing,
      note: z.string(),
    }),
  ),
  ...besideSchema,
  lastAction: z.strictObject({ workflow: z.string(), by: z.string(), finishedAt: z.string(), outcome: z.string() }).optional(),
  concerns: z.array(z.string()),
  /** What could not be read, with the right that is missing. */
  unknown: z.array(z.string()),
});

/** How a release stands: one line on the whole, a table of components, causes, ways in, backups. */
export const statusPresenter: Presenter<ReleaseStatus> = {
  name: "status",
  schema,
  json,
  text,
  exit: (status) => (status.needsAttention ? "attention" : "ok"),
};

function json(status: ReleaseStatus): z.infer<typeof schema> {
  const helm = status.helm.kind === "known" ? status.helm.value : undefined;
  return {
    apiVersion: "migratectl/v1",
    kind: "Status",
    at: status.at.toISOString(),
    release: status.release,
    namespace: status.namespace,
    version: status.version,
    ...(helm?.profile === undefined ? {} : { profile: helm.profile }),
    ...(helm === undefined
      ? {}
      : {
          helm: {
            revision: helm.revision,
            status: helm.status,
            chart: `${helm.chartName}-${helm.chartVersion}`,
            ...(helm.deployedAt === undefined ? {} : { deployedAt: helm.deployedAt.toISOString() }),
          },
        }),
    summary: status.summary,
    needsAttention: status.needsAttention,
    components: status.components.map((one) => ({ ...one, workload: `${one.workload.kind}/${one.workload.name}` })),
    causes: status.causes.map(causeJson),
    endpoints: listOf(status.endpoints).map(endpointJson),
    backups: listOf(status.backups).map(({ lastSuccessful, ...one }) => ({
      ...one,
      ...(lastSuccessful === undefined ? {} : { lastSuccessful: lastSuccessful.toISOString() }),
    })),
    ...(status.beside.kind === "known" ? besideJson(status.beside.value) : {}),
    ...(status.last === undefined ? {} : { lastAction: status.last }),
    concerns: [...status.concerns],
    unknown: [...unknowns(status)],
  };
}

function endpointJson({ url, addresses, certificate }: EndpointStatus): z.infer<typeof schema>["endpoints"][number] {
  const plain =
    certificate.kind === "read"
      ? { ...certificate, notAfter: certificate.notAfter.toISOString(), names: [...certificate.names] }
      : certificate;
  return { url, addresses: [...addresses], certificate: plain };
}

function text(status: ReleaseStatus, style: Style): string {
  const helm = status.helm.kind === "known" ? status.helm.value : undefined;
  const facts = [
    ["release", `${status.release} in namespace ${status.namespace}`],
    ["version", `${status.version}${profilePhrase(helm?.profile, style)}`],
    ...(helm === undefined
      ? []
      : [["helm", `revision ${helm.revision}, ${helm.status}${helm.deployedAt === undefined ? "" : `, ${when(helm.deployedAt)}`}`]]),
    ...(status.last === undefined
      ? []
      : [["last", `${status.last.workflow} ${status.last.outcome} by ${status.last.by}, ${when(new Date(status.last.finishedAt))}`]]),
  ];
  const blocks = [
    `${style.bold(status.release)} is ${paintSummary(status.summary, style)}`,
    table(facts.map(([name = "", value = ""]) => [style.dim(name), value])),
    components(status, style),
  ];
  const causes = status.causes.filter((card) => card.consequenceOf.length > 0 || !isOnTheWay(card.cause));
  if (causes.length > 0) blocks.push(...causes.map((card) => causeText(card, style)));
  const endpoints = listOf(status.endpoints);
  if (endpoints.length > 0)
    blocks.push(
      table(endpoints.map((one) => [style.dim("endpoint"), one.url, certificateText(one, style), style.dim(one.addresses.join(", "))])),
    );
  const backups = listOf(status.backups);
  if (backups.length > 0)
    blocks.push(
      table(
        backups.map((one) => [
          style.dim("backup"),
          one.name,
          one.ageSeconds === undefined ? "no success yet" : `${age(one.ageSeconds)} ago`,
          mark(one.standing, style),
          one.note,
        ]),
      ),
    );
  const beside = status.beside.kind === "known" ? besideRows(status.beside.value, style) : [];
  if (beside.length > 0) blocks.push(table(beside));
  const rest = [
    ...status.concerns.map((one) => `${style.yellow("attention")}  ${one}`),
    ...[...unknowns(status)].map((one) => `${style.dim("unknown")}    ${one}`),
  ];
  if (rest.length > 0) blocks.push(rest.join("\n"));
  return blocks.join("\n\n");
}

function components(status: ReleaseStatus, style: Style): string {
  const paint = { ready: style.green, waiting: style.yellow, progressing: style.cyan, trouble: style.red } as const;
  const lines = status.components.map((one) => [
    one.component,
    `${one.ready}/${one.wanted}`,
    paint[one.state](one.state),
    one.state === "trouble" ? style.dim("see below") : one.note,
  ]);
  return table([["COMPONENT", "READY", "STATE", ""].map(style.dim), ...lines]);
}

function certificateText({ certificate }: EndpointStatus, style: Style): string {
  switch (certificate.kind) {
    case "none":
      return style.yellow("no TLS");
    case "read":
      return `certificate ${certificate.daysLeft < 0 ? style.red("expired") : `${certificate.daysLeft} days left`} ${mark(certificate.standing, style)}`;
    case "unreadable":
      return style.red("certificate not usable");
    case "unknown":
      return style.dim("certificate unknown");
  }
}

function paintSummary(summary: Summary, style: Style): string {
  const paint = { ready: style.green, progressing: style.cyan, degraded: style.yellow, down: style.red } as const;
  return style.bold(paint[summary](summary));
}

function mark(one: "good" | "attention" | "unknown", style: Style): string {
  return one === "good" ? style.green("good") : one === "attention" ? style.red("attention") : style.dim("unknown");
}

function* unknowns(status: ReleaseStatus): Generator<string> {
  const readings: readonly (readonly [string, Reading<unknown>])[] = [
    ["Helm's record", status.helm],
    ["endpoints", status.endpoints],
    ["backups", status.backups],
    ["restore drills", status.beside],
  ];
  for (const [name, reading] of readings) {
    if (reading.kind === "denied") yield `${name}: the right to ${reading.verb} ${reading.resource} is missing`;
    if (reading.kind === "unavailable") yield `${name}: ${reading.message}`;
  }
}

function listOf<T>(reading: Reading<readonly T[]>): readonly T[] {
  return reading.kind === "known" ? reading.value : [];
}

/** `3 days`, `5 h`, `12 min`: a rough age from seconds. */
function age(seconds: number): string {
  if (seconds >= 2 * 86_400) return `${Math.floor(seconds / 86_400)} days`;
  if (seconds >= 2 * 3_600) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.max(1, Math.floor(seconds / 60))} min`;
}

function when(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
