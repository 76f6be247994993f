import { fail, type Judgement, pass, some, unknown, warn } from "../judgement.ts";
import { formatBytes } from "../units.ts";
import { type DoctorCheck, unread } from "./check.ts";
import type { DoctorFacts } from "./facts.ts";
import type { ClaimUse } from "./node-stats.ts";

/** Percent of a volume above which somebody should know, and above which it fails. */
const [warnAbove, failAbove] = [80, 92];

const wanted = `no volume above ${warnAbove} %`;

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
    return [...judged(told, facts.namespace), ...(silent.length === 0 ? [] : [untold(silent, facts)])];
  },
};

interface Fill {
  readonly claim: string;
  readonly percent: number;
  readonly text: string;
}

/** What the kubelets tell; of the data also what the database's own pod tells, where they do not. */
function fillsOf({ stats, dataVolume }: DoctorFacts): ReadonlyMap<string, Fill> {
  const fills = new Map((stats.kind === "known" ? stats.value.claims : []).map((one) => [one.claim, fillOf(one)]));
  const data = dataVolume.kind === "known" ? dataVolume.value : undefined;
  if (data !== undefined && !fills.has(data.claim))
    fills.set(data.claim, fillOf({ claim: data.claim, used: data.used, capacity: data.used + data.free }));
  return fills;
}

function fillOf({ claim, used, capacity, inodes }: ClaimUse): Fill {
  const percent = percentOf(used, capacity);
  const files = inodes === undefined ? 0 : percentOf(inodes.used, inodes.capacity);
  if (files > percent) return { claim, percent: files, text: `${claim} has ${rounded(files)} % of its inodes in use` };
  return { claim, percent, text: `${claim} ${rounded(percent)} % of ${formatBytes(capacity)}` };
}

function percentOf(used: number, capacity: number): number {
  return capacity > 0 ? (used / capacity) * 100 : 0;
}

function rounded(percent: number): string {
  return String(Math.round(percent * 10) / 10);
}

function judged(fills: readonly Fill[], namespace: string): readonly Judgement[] {
  const sorted = fills.toSorted((a, b) => b.percent - a.percent);
  const [fullest] = sorted;
  if (fullest === undefined) return [];
  const full = sorted.filter(({ percent }) => percent > failAbove);
  const filling = sorted.filter(({ percent }) => percent > warnAbove && percent <= failAbove);
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
