import type { RestoredPlatform } from "./platform.ts";

/** How many of a pattern's nearest neighbours are compared. */
const neighbours = 10;

/** Patterns whose neighbours are asked for. */
const samples = 5;

const distances = (how: string): string => `
  set enable_seqscan = ${how === "index" ? "off" : "on"}; set enable_indexscan = ${how === "index" ? "on" : "off"}; set enable_bitmapscan = off; set hnsw.ef_search = 200;
  select p.id || ' ' || string_agg(round(n.distance::numeric, 5)::text, ' ' order by n.distance)
  from (select id, embedding from migration.agent_discovered_patterns order by id limit ${samples}) p,
       lateral (select q.embedding <=> p.embedding as distance from migration.agent_discovered_patterns q order by q.embedding <=> p.embedding limit ${neighbours}) n
  group by p.id order by p.id`;

/** What is wrong with the vectors: patterns without their assessment, an index that is not valid, or one that finds others than a scan does. */
export async function wrongWithVectors(platform: RestoredPlatform): Promise<readonly string[]> {
  const wrong: string[] = [];
  const [orphans] = await platform.query(
    "select count(*) from migration.agent_discovered_patterns p where assessment_id is not null and not exists (select from migration.assessment a where a.id = p.assessment_id)",
  );
  if (orphans !== "0") wrong.push(`${orphans} patterns have no assessment`);
  const invalid = await platform.query("select indexrelid::regclass from pg_index where not indisvalid");
  if (invalid.length > 0) wrong.push(`not valid: ${invalid.join(", ")}`);
  const [byIndex, byScan] = [await platform.query(distances("index")), await platform.query(distances("scan"))];
  if (byScan.length === 0) wrong.push("there are no patterns to compare");
  for (const [row, scanned] of byScan.entries()) {
    if (byIndex[row] !== scanned) wrong.push(`the index answers "${byIndex[row]}" where a scan answers "${scanned}"`);
  }
  return wrong;
}
