import { fail, pass, some, unknown } from "../judgement.ts";
import { counted } from "../units.ts";
import { type DoctorCheck, unread } from "./check.ts";
import type { SecretFacts } from "./facts.ts";

/** Secret with the key of the backups. */
const backupKey = "backup-encryption";

const wanted = "every Secret that pods need, with all its keys";

/** Are the Secrets there that the next pod needs to start? */
export const credentials: DoctorCheck = {
  id: "credentials",
  title: "Credentials",
  why: "What runs has read them already: that one is gone shows when the next pod starts, such as after the loss of a node.",
  assess({ secrets, namespace }) {
    const short = secrets.flatMap(shortOf);
    const [denied] = secrets.flatMap(({ keys }) => (keys.kind === "known" ? [] : [keys]));
    const unreadable = denied === undefined ? [] : [unread(denied, wanted)];
    if (short.length > 0) return [fail(some(short), wanted, fixFor(short, namespace)), ...unreadable];
    if (unreadable.length > 0) return unreadable;
    if (secrets.length === 0)
      return [unknown("no pod names a Secret", wanted, `See what runs: migratectl status --namespace ${namespace}`)];
    return [pass(`${counted(secrets.length, "Secret")}, complete`, wanted)];
  },
};

/** A new key for the backups would be worse than none: what was encrypted with the old one could not be read again. */
function fixFor(short: readonly string[], namespace: string): string {
  if (short.some((text) => text.startsWith(`Secret/${backupKey} `)))
    return `Give back the key that "migratectl backup key" wrote: migratectl install --namespace ${namespace} --backup-encryption-key-file FILE`;
  return `Those that migratectl made it makes again: migratectl install --namespace ${namespace}; others come from whoever made them.`;
}

function shortOf({ name, usedBy, wanted: keys, keys: reading }: SecretFacts): readonly string[] {
  if (reading.kind !== "known") return [];
  if (reading.value === undefined) return usedBy.length === 0 ? [] : [`Secret/${name} is missing (needed by ${some(usedBy, 3)})`];
  const present = new Set(reading.value);
  const missing = keys.filter((key) => !present.has(key));
  return missing.length === 0 ? [] : [`Secret/${name} lacks ${missing.join(", ")}`];
}
