/**
 * Lets archiving fail for an hour while the database is written to, set up as the chart does: when the alerts would fire, how much WAL the
 * data volume holds, and whether the archive heals by itself (docs/reliability.md).
 * usage: npm run campaign:archive [-- --minutes 60]
 */
import { parseArgs } from "node:util";
import { letArchivingFail } from "../test/campaign/archive/failing.ts";
import { ArchiveLaboratory } from "../test/campaign/archive/laboratory.ts";

const { values } = parseArgs({ options: { minutes: { type: "string", default: "60" } } });
const laboratory = await ArchiveLaboratory.open();
try {
  const ended = await letArchivingFail(laboratory, Number(values.minutes), (line) => void process.stdout.write(`${line}\n`));
  process.stdout.write(`${JSON.stringify(ended, undefined, 2)}\n`);
} finally {
  await laboratory.close();
}
