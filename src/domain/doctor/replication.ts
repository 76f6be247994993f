import { fail, type Judgement, pass, some, warn } from "../judgement.ts";
import { formatBytes } from "../units.ts";
import { type DoctorCheck, unread } from "./check.ts";
import type { Replication } from "./replication-facts.ts";

/** Bytes that a replica may be behind, and the half of what a slot may keep before its replica has to be cloned again. */
const [warnAbove, failAbove] = [128_000_000, 2_000_000_000];

const wanted = `every replica streams, less than ${formatBytes(warnAbove)} behind`;

/** Do the replicas follow, and does nobody's slot hold WAL back? */
export const replication: DoctorCheck = {
  id: "replication",
  title: "Replication",
  why: "A replica that falls behind answers with old data, and the WAL that is kept for it fills the primary's volume.",
  assess({ replication: reading, rollout: { workloads }, namespace }) {
    const wantedReplicas = workloads.find(({ kind, name }) => kind === "StatefulSet" && name === "postgres-replica")?.wanted ?? 0;
    if (reading.kind !== "known") return [unread(reading, wanted)];
    const { replicas, slots } = reading.value;
    if (wantedReplicas === 0 && replicas.length === 0 && slots.length === 0) return [];
    const found = [following(replicas, wantedReplicas, namespace), ...idleSlots(slots, namespace)];
    const troubled = found.filter(({ verdict }) => verdict !== "pass");
    return troubled.length > 0 ? troubled : found;
  },
};

function following(replicas: Replication["replicas"], wantedReplicas: number, namespace: string): Judgement {
  const log = `See why: kubectl -n ${namespace} logs -l app.kubernetes.io/component=postgres-replica -c postgres`;
  const streaming = replicas.filter(({ state }) => state === "streaming");
  const lag = Math.max(0, ...replicas.map(({ lagBytes }) => lagBytes ?? 0));
  const seen = `${streaming.length} of ${wantedReplicas} ${wantedReplicas === 1 ? "replica streams" : "replicas stream"}, ${formatBytes(lag)} behind`;
  if (streaming.length < wantedReplicas || lag > failAbove) return fail(seen, wanted, log);
  return lag > warnAbove ? warn(seen, wanted, log) : pass(seen, wanted);
}

/** Slots of nobody: of a replica that is gone, or one that cannot follow any more. */
function idleSlots(slots: Replication["slots"], namespace: string): readonly Judgement[] {
  const idle = slots.filter(({ active, lost }) => !active || lost);
  const [first] = idle;
  if (first === undefined) return [];
  const texts = idle.map(({ name, keptBytes, lost }) =>
    lost
      ? `slot ${name} has lost the WAL that its replica needs`
      : `nobody reads slot ${name}, which keeps ${formatBytes(keptBytes ?? 0)} of WAL`,
  );
  const fix = `When its replica is not coming back: kubectl -n ${namespace} exec postgres-0 -c postgres -- psql -h /var/run/postgresql -U postgres -c "select pg_drop_replication_slot('${first.name}')"`;
  return [warn(some(texts), wanted, fix)];
}
