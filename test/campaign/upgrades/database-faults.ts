import { spawn } from "node:child_process";
import { superuserPsql } from "../../e2e/support/database.ts";
import { insideArgv, insideEnv } from "../../sandbox/index.ts";
import { until } from "../../sandbox/until.ts";
import type { Mend } from "./cluster-faults.ts";
import type { UpgradedPlatform } from "./platform.ts";

/** Makes a function that stands in the way of the one that the migration wants to make, after it has added its columns. */
export async function breakMigration({ database }: UpgradedPlatform): Promise<Mend> {
  const name = "migration.keep_outcome_and_summary_equal()";
  await database.sql(`create function ${name} returns integer language sql as 'select 1'`);
  return async () => {
    await database.sql(`drop function ${name}`);
  };
}

const holder = "campaign-holder";

/** Holds a lock on the table that the migration alters, in a transaction that does not end; reading and writing rows goes on beside it. */
export async function holdLock({ site, namespace, database }: UpgradedPlatform): Promise<Mend> {
  const statement = "begin; lock table migration.assessment in access share mode; select pg_sleep(86400)";
  const psql = ["env", `PGAPPNAME=${holder}`, ...superuserPsql, "-c", statement];
  const exec = ["kubectl", "-n", namespace, "exec", "postgres-0", "-c", "postgres", "--", ...psql];
  const [file, ...args] = insideArgv(site.sandbox, exec);
  const child = spawn(file, args, { env: insideEnv(site.sandbox), stdio: "ignore" });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const held = `select 'held' from pg_locks join pg_stat_activity using (pid) where application_name = '${holder}' and relation = 'migration.assessment'::regclass and granted`;
  const holds = async () => ((await database.sql(held)) === "held" ? true : undefined);
  await until("the lock", holds, { deadlineMs: 30_000, pauseMs: 200 });
  return async () => {
    await database.sql(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = '${holder}'`);
    await ended;
  };
}
