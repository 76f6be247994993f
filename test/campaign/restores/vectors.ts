import type { RestoredPlatform } from "./platform.ts";

/** How many of a pattern's nearest neighbours are compared, and how many patterns. */
const [neighbours, samples] = [10, 10];

/** An HNSW index answers approximately: this share of the true neighbours it has to find, over all samples. */
const leastRecall = 0.9;

const distances = (how: "index" | "scan"): string => `
  set local enable_seqscan = ${how === "index" ? "off" : "on"}; set local enable_indexscan = ${how === "index" ? "on" : "off"};
  select '${how} ' || string_agg(round(n.distance::numeric, 5)::text, ' ' order by n.distance)
  from (select id, embedding from migration.agent_discovered_patterns order by id limit ${samples}) p,
       lateral (select q.embedding <=> p.embedding as distance from migration.agent_discovered_patterns q order by q.embedding <=> p.embedding limit ${neighbours}) n
  group by p.id order by p.id;`;

/** Both answers of one moment: vectors are written all the time. */
const bothWays = `begin isolation level repeatable read read only;
  set local enable_bitmapscan = off; set local hnsw.ef_search = 200; ${distances("index")} ${distances("scan")} commit;`;

/** What is wrong with the vectors: patterns without their assessment, an index that is not valid, or one that finds others than a scan does. */
export async function wrongWithVectors(platform: RestoredPlatform): Promise<readonly string[]> {
  const wrong: string[] = [];
  const [orphans] = await platform.query(
    "select count(*) from migration.agent_discovered_patterns p where assessment_id is not null and not exists (select from migration.assessment a where a.id = p.assessment_id)",
  );
  if (orphans !== "0") wrong.push(`${orphans} patterns have no assessment`);
  const invalid = await platform.query("select indexrelid::regclass from pg_index where not indisvalid");
  if (invalid.length > 0) wrong.push(`not valid: ${invalid.join(", ")}`);
  const answers = await platform.query(bothWays);
  const answered = (how: string): readonly string[] =>
    answers.flatMap((line) => (line.startsWith(`${how} `) ? [line.slice(how.length + 1)] : []));
  const [byIndex, byScan] = [answered("index"), answered("scan")];
  if (byScan.length === 0 || byIndex.length !== byScan.length)
    wrong.push(`the index answers ${byIndex.length} of ${byScan.length} questions`);
  const recalls = byScan.map((scanned, row) => recall(byIndex[row] ?? "", scanned));
  for (const [row, found] of byIndex.entries()) {
    if (!found.startsWith("0.00000 ")) wrong.push(`the index does not find pattern ${row} itself: ${found}`);
  }
  const mean = recalls.reduce((sum, one) => sum + one, 0) / recalls.length;
  if (!(mean >= leastRecall)) wrong.push(`the index finds ${(mean * 100).toFixed(0)} % of what a scan finds`);
  return wrong;
}

/** The share of the true distances that are among those found. */
function recall(found: string, scanned: string): number {
  const left = found.split(" ");
  const wanted = scanned.split(" ");
  const hits = wanted.filter((distance) => {
    const at = left.indexOf(distance);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
  return hits.length / wanted.length;
}
