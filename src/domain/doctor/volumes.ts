import { fail, type Judgement, pass, some, unknown, warn } from "../judgement.ts";
import { counted, formatBytes } from "../units.ts";
import { type DoctorCheck, unread } from "./check.ts";
import type { DoctorFacts } from "./facts.ts";
import { daysLeft, type FillHistory } from "./fill-rate.ts";
import type { ClaimUse } from "./node-stats.ts";

/** Days until a volume is full below which somebody should know, and below which it fails. */
const [warnBelow, failBelow] = [14, 3];

/** Percent of a volume above which somebody should know, and above which it fails. */
const [warnAbove, failAbove] = [80, 92];

/** Days further than which nobody plans. */
const longest = 365;

const wanted = `no volume above ${warnAbove} %, nor full within ${warnBelow} days`;

/** How full are the volumes? */
export const volumes: DoctorCheck = {
  id: "volumes",
  title: "Volumes",
  why: "A full volume stops what writes to it: Postgres goes down, and a full repository lets the WAL pile up on the volume of the data.",
  assess(facts) {
    const claims = [...new Set(facts.rollout.pods.flatMap((pod) => pod.claims))].sort();
    if (claims.length === 0) return [];
    const fills = fillsOf(facts);
    const told = claims.flatMap((claim) => fills.get(claim) ?? []);
    const silent = claims.filter((claim) => !fills.has(claim));
    return [...judged(told, facts), ...(silent.length === 0 ? [] : [untold(silent, facts)])];
  },
};

interface Fill {
  readonly claim: string;
  readonly percent: number;
  readonly text: string;
  /** Days until it is full, where it fills and that can be told. */
  readonly days: number | undefined;
}

/** What the kubelets tell; of the data also what the database's own pod tells, where they do not. */
function fillsOf({ stats, dataVolume, fills: history }: DoctorFacts): ReadonlyMap<string, Fill> {
  const fills = new Map((stats.kind === "known" ? stats.value.claims : []).map((one) => [one.claim, fillOf(one, history)]));
  const data = dataVolume.kind === "known" ? dataVolume.value : undefined;
  if (data !== undefined && !fills.has(data.claim))
    fills.set(data.claim, fillOf({ claim: data.claim, used: data.used, capacity: data.used + data.free }, history));
  return fills;
}

function fillOf(one: ClaimUse, history: FillHistory): Fill {
  const { claim, used, capacity, inodes } = one;
  const days = daysLeft(history, one);
  const percent = percentOf(used, capacity);
  const files = inodes === undefined ? 0 : percentOf(inodes.used, inodes.capacity);
  const when = days === undefined || days > longest ? "" : `, full in ${days < 1 ? "less than a day" : counted(Math.floor(days), "day")}`;
  if (files > percent) return { claim, percent: files, days, text: `${claim} has ${rounded(files)} % of its inodes in use${when}` };
  return { claim, percent, days, text: `${claim} ${rounded(percent)} % of ${formatBytes(capacity)}${when}` };
}

function percentOf(used: number, capacity: number): number {
  return capacity > 0 ? (used / capacity) * 100 : 0;
}

function rounded(percent: number): string {
  return String(Math.round(percent * 10) / 10);
}

function judged(fills: readonly Fill[], { namespace }: DoctorFacts): readonly Judgement[] {
  const sorted = fills.toSorted((a, b) => b.percent - a.percent);
  const [fullest] = sorted;
  if (fullest === undefined) return [];
  const isFull = ({ percent, days = longest }: Fill) => percent > failAbove || days < failBelow;
  const full = sorted.filter(isFull);
  const filling = sorted.filter((fill) => !isFull(fill) && (fill.percent > warnAbove || (fill.days ?? longest) < warnBelow));
  if (full.length + filling.length === 0)
    return [
      pass(
        some(
          sorted.map(({ text }) => text),
          3,
        ),
        wanted,
      ),
    ];
  const grow = (of: readonly Fill[]): string =>
    `Give it more room: kubectl -n ${namespace} patch pvc ${of[0]?.claim} -p '{"spec":{"resources":{"requests":{"storage":"SIZE"}}}}', where its class may grow. What restores have left of the data goes with: migratectl backup prune --namespace ${namespace}`;
  const texts = (of: readonly Fill[]): string => some(of.map(({ text }) => text));
  return [
    ...(full.length === 0 ? [] : [fail(texts(full), wanted, grow(full))]),
    ...(filling.length === 0 ? [] : [warn(texts(filling), wanted, grow(filling))]),
  ];
}

function untold(claims: readonly string[], { stats, namespace }: DoctorFacts): Judgement {
  if (stats.kind !== "known") return unread(stats, wanted);
  const silent =
    stats.value.silent.length === 0 ? "the kubelet does not measure" : `the kubelet of ${some(stats.value.silent)} does not answer for`;
  return unknown(`${silent} ${some(claims)}`, wanted, `Ask in a pod that mounts it: kubectl -n ${namespace} exec POD -- df -h`);
}
