import type { Installed } from "./installed.ts";

/** What a dump of the vector table and its way back took, seconds. */
export interface Dumped {
  readonly bytes: number;
  readonly dump: number;
  readonly restore: number;
}

const file = "/var/lib/postgresql/data/bench.dump";
const local = ["-h", "/var/run/postgresql", "-U", "postgres"] as const;

/** `pg_dump -Fc` of the vectors and `pg_restore -j 2` into an empty database of the same server. */
export async function dumpAndRestore(platform: Installed): Promise<Dumped> {
  const bytes = Number(await platform.sql("select pg_total_relation_size('bench.patterns')"));
  const dump = await timed(() => platform.inDatabase("postgres", "pg_dump", ...local, "-Fc", "-n", "bench", "-f", file, "migration"));
  await platform.sql("create database again template template0");
  await platform.sql("create extension vector", "again");
  const restore = await timed(() => platform.inDatabase("postgres", "pg_restore", ...local, "-j", "2", "-d", "again", file));
  await platform.sql("drop database again");
  await platform.inDatabase("postgres", "rm", file);
  return { bytes, dump, restore };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}
