import { parseQuantity, toUnits } from "../capacity/quantity.ts";
import { fail, type Judgement, pass, unknown, warn } from "../judgement.ts";
import { whyRedisIsNotBackedUp } from "../recovery/redis-snapshot.ts";
import { formatBytes } from "../units.ts";
import { type DoctorCheck, unread } from "./check.ts";
import type { DoctorFacts } from "./facts.ts";

/** The part of its container's memory at which the chart lets Redis refuse what writes (maxmemory, noeviction). */
export const maxMemoryShare = 0.7;

/** Percent of that part above which somebody should know, and above which it fails. */
const [warnAbove, failAbove] = [80, 92];

const component = "redis";
const wanted = `Redis below ${warnAbove} % of the memory that it may take, and backed up`;

/** Has Redis room, and is what it holds kept with the database? */
export const redis: DoctorCheck = {
  id: "redis",
  title: "Redis",
  why: "At its maxmemory Redis refuses every write: no job is queued any more, and nobody can log in.",
  assess: (facts) => [...memory(facts), ...kept(facts)],
};

/** By the kubelet, which needs no password: what the container cannot give back, a little more than Redis counts itself. */
function memory({ stats, rollout, namespace }: DoctorFacts): readonly Judgement[] {
  const limits = rollout.pods.flatMap(({ name, component: of, containers }) =>
    containers.flatMap((one) => (of === component && one.name === component ? { pod: name, limit: bytesOf(one.memoryLimit) } : [])),
  );
  if (limits.length === 0) return [];
  if (stats.kind !== "known") return [unread(stats, wanted)];
  const used = new Map(stats.value.containers.filter(({ container }) => container === component).map(({ pod, bytes }) => [pod, bytes]));
  const told = limits.flatMap(({ pod, limit }) => {
    const bytes = used.get(pod);
    return bytes === undefined || limit === undefined ? [] : [{ pod, bytes, most: limit * maxMemoryShare }];
  });
  const [fullest] = told.toSorted((a, b) => b.bytes / b.most - a.bytes / a.most);
  const ask = `Ask it: kubectl -n ${namespace} exec redis-0 -c redis -- redis-cli --askpass info memory`;
  if (fullest === undefined) return [unknown("the kubelet does not tell what Redis takes", wanted, ask)];
  const percent = (fullest.bytes / fullest.most) * 100;
  const seen = `${fullest.pod} takes ${formatBytes(fullest.bytes)}, ${Math.round(percent)} % of the ${formatBytes(fullest.most)} that it may`;
  const fix = `See what fills it, then give it more (values: redis.resources.limits.memory). ${ask}`;
  if (percent > failAbove) return [fail(seen, wanted, fix)];
  return [percent > warnAbove ? warn(seen, wanted, fix) : pass(seen, wanted)];
}

function bytesOf(quantity: string | undefined): number | undefined {
  const nanos = quantity === undefined ? undefined : parseQuantity(quantity);
  return nanos === undefined ? undefined : toUnits(nanos);
}

function kept({ redis: keeping, namespace }: DoctorFacts): readonly Judgement[] {
  if (keeping.kind !== "known") return [unread(keeping, wanted)];
  const why = keeping.value === undefined ? undefined : whyRedisIsNotBackedUp(keeping.value);
  if (why === undefined) return [];
  return [warn(`not backed up: ${why}`, wanted, `See why: kubectl -n ${namespace} logs postgres-0 -c backup-agent`)];
}
