import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { median } from "../measure.ts";
import type { Installed } from "./installed.ts";

/** How far behind the newest moment that can be recovered was while a writer committed, in seconds. */
export interface Lag {
  readonly load: string;
  readonly minutes: number;
  readonly commits: number;
  readonly walBytes: number;
  readonly samples: readonly number[];
}

/** A writer: how long it pauses after a commit, and what each commit writes. */
interface Load {
  readonly name: string;
  readonly pauseSeconds: number;
  readonly rows: number;
}

/** So little that no segment fills up before archive_timeout; and so much that they fill one after the other. */
export const loads = {
  light: { name: "light: 20 small commits a second", pauseSeconds: 0.05, rows: 1 },
  heavy: { name: "heavy: commits of 1000 rows one after the other", pauseSeconds: 0, rows: 1000 },
} as const satisfies Record<string, Load>;

/** Seconds from one question to the next. */
const every = 5;

const listSchema = z.object({
  windows: z.array(z.object({ living: z.boolean(), to: z.object({ at: z.iso.datetime({ precision: 6 }) }) })),
});

/** Lets a writer commit for some minutes, and asks `backup list` meanwhile how far one could go back to. */
export async function measureLag(platform: Installed, load: Load, minutes: number): Promise<Lag> {
  await platform.sql("create schema if not exists bench");
  await platform.sql(
    "create table if not exists bench.writes (id bigint generated always as identity primary key, at timestamptz not null, body text not null)",
  );
  const [before, lsn] = [
    Number(await platform.sql("select count(*) from bench.writes")),
    await platform.sql("select pg_current_wal_lsn()"),
  ];
  const writing = platform.sql(`do $$
    declare ends timestamptz := clock_timestamp() + interval '${minutes} minutes';
    begin
      while clock_timestamp() < ends loop
        insert into bench.writes (at, body) select clock_timestamp(), encode(sha512(n::text::bytea), 'hex') from generate_series(1, ${load.rows}) as n;
        commit;
        perform pg_sleep(${load.pauseSeconds});
      end loop;
    end $$`);
  const samples: number[] = [];
  let wrote = false;
  const ended = writing.finally(() => (wrote = true));
  while (!wrote) {
    const { document, ended: told } = await platform.migratectl("backup", "list");
    const newest = listSchema
      .parse(document)
      .windows.filter(({ living }) => living)
      .map(({ to }) => Date.parse(to.at));
    if (!wrote) samples.push((told - Math.max(...newest)) / 1000);
    await Promise.race([pause(every * 1000), ended]);
  }
  await ended;
  const commits = (Number(await platform.sql("select count(*) from bench.writes")) - before) / load.rows;
  const walBytes = Number(await platform.sql(`select pg_current_wal_lsn() - '${lsn}'::pg_lsn`));
  return { load: load.name, minutes, commits, walBytes, samples };
}

/** The middle and the worst of the lags. */
export function lagSummary({ samples }: Pick<Lag, "samples">): { readonly typical: number; readonly worst: number } {
  return { typical: median(samples), worst: Math.max(...samples) };
}
