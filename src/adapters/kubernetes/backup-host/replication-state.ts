import { z } from "zod";
import type { Replication } from "../../../domain/doctor/replication-facts.ts";
import { Problem } from "../../../domain/errors/problem.ts";
import type { ReleaseScope } from "../../../ports/cluster-workloads.ts";
import type { PodExec } from "../../../ports/pod-exec.ts";
import type { ReplicationState } from "../../../ports/replication-state.ts";
import { parseJson } from "../../parse-json.ts";
import type { ApiClient } from "../api-client.ts";
import { reading } from "./answers.ts";
import { backupPod } from "./backup-host.ts";
import { psqlArgv } from "./primary-pod.ts";

/** Milliseconds for a question that reads two views. */
const askDeadline = 60_000;

/** One JSON document. A slot of nobody keeps what it keeps by its restart_lsn. */
export const replicationQuery = `select json_build_object(
  'replicas', (select coalesce(json_agg(json_build_object('name', application_name, 'state', state,
    'lagBytes', pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)) order by application_name), '[]'::json) from pg_stat_replication),
  'slots', (select coalesce(json_agg(json_build_object('name', slot_name, 'active', active, 'lost', coalesce(wal_status = 'lost', false),
    'keptBytes', pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) order by slot_name), '[]'::json) from pg_replication_slots))`;

const bytes = z
  .number()
  .nullable()
  .transform((value) => (value === null ? undefined : Math.max(0, value)));
const answerSchema = z.object({
  replicas: z.array(z.object({ name: z.string(), state: z.string(), lagBytes: bytes })),
  slots: z.array(z.object({ name: z.string(), active: z.boolean(), lost: z.boolean(), keptBytes: bytes })),
});

/** Asks the primary beside which pgBackRest runs, through the API server. */
export function createReplicationState(client: ApiClient, exec: PodExec, scope: ReleaseScope): ReplicationState {
  return {
    async replication(signal) {
      const target = await backupPod(client, scope, signal);
      const { code, stdout, stderr } = await exec.run(target, psqlArgv(replicationQuery), { deadline: askDeadline }, signal);
      if (code === 0) return readReplication(stdout);
      throw new Problem("BACKUP_HOST_STRANGE", {
        what: `psql in ${target.pod} ended with ${code}: ${stderr.trim().slice(-500) || "no reason given"}`,
      });
    },
  };
}

/** What the query prints. */
export function readReplication(stdout: string): Replication {
  return reading("its replicas", () => answerSchema.parse(parseJson(stdout.trim())));
}
