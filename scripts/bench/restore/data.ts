import { setTimeout as pause } from "node:timers/promises";
import type { Installed } from "./installed.ts";

/** Bytes of one row, index included, as measured: a vector of 1536 dimensions lies in TOAST and once more in its HNSW page. */
const bytesOf = { vector: 15_000, row: 470 } as const;

/** Rows that each session inserts before it commits. */
const batch = 500_000;

/** A table like migration.agent_discovered_patterns with vectors of 1536 dimensions under HNSW; random ones, which are the worst to index. */
export async function makeVectors(platform: Installed, megabytes: number): Promise<void> {
  await platform.sql(`
    create schema bench;
    create table bench.patterns (
      id uuid primary key default gen_random_uuid(), name text not null, description text not null,
      embedding vector(1536) not null, created_at timestamptz not null default now());
    insert into bench.patterns (name, description, embedding)
      select 'pattern ' || n, encode(sha512(n::text::bytea), 'hex'),
        (select array_agg(random() - 0.5) from generate_series(1, 1536) as g where g <> -n)::vector
      from generate_series(1, ${Math.round((megabytes * 1e6) / bytesOf.vector)}) as n`);
  await platform.sql(`
    create index patterns_embedding on bench.patterns using hnsw (embedding vector_cosine_ops) with (m = 16, ef_construction = 64)`);
}

/** Ordinary rows, half of whose bytes compress, from two sessions. */
export async function makeRows(platform: Installed, gigabytes: number): Promise<void> {
  await platform.sql(`create table bench.rows (id bigint primary key, account int not null, at timestamptz not null, body text not null)`);
  const rows = Math.round((gigabytes * 1e9) / bytesOf.row);
  const session = async (first: number): Promise<void> => {
    for (let from = first; from < rows; from += 2 * batch) await insert(platform, "bench.rows", from, Math.min(from + batch, rows));
  };
  await Promise.all([session(0), session(batch)]);
}

/** Writes about so many megabytes of WAL, of which nothing stays in size: the same table is filled anew each time. Gives the bytes of WAL. */
export async function makeWal(platform: Installed, megabytes: number): Promise<number> {
  await platform.sql(
    "create table if not exists bench.later (id bigint primary key, account int not null, at timestamptz not null, body text not null)",
  );
  const before = await platform.sql("select pg_current_wal_lsn()");
  await platform.sql("truncate bench.later");
  await insert(platform, "bench.later", 0, Math.round((megabytes * 1e6) / bytesOf.row));
  const written = Number(await platform.sql(`select pg_current_wal_lsn() - '${before}'::pg_lsn`));
  const segment = await platform.sql("select pg_walfile_name(pg_switch_wal() - 1)");
  while ((await platform.sql(`select coalesce(last_archived_wal, '') >= '${segment}' from pg_stat_archiver`)) !== "t") await pause(500);
  return written;
}

/** Bytes of the whole database. */
export async function databaseBytes(platform: Installed): Promise<number> {
  return Number(await platform.sql("select sum(pg_database_size(oid)) from pg_database"));
}

async function insert(platform: Installed, table: string, from: number, to: number): Promise<void> {
  await platform.sql(`
    insert into ${table} (id, account, at, body)
      select n, n % 1000, now(), encode(sha512(('a' || n)::bytea), 'hex') || encode(sha512(('b' || n)::bytea), 'hex') || repeat('in review; ', 10)
      from generate_series(${from}::bigint, ${to - 1}::bigint) as n`);
}
