import { randomBytes } from "node:crypto";
import { z } from "zod";
import { Problem } from "../../domain/errors/problem.ts";
import type { ClusterObjects } from "../../ports/cluster-objects.ts";
import type { Place } from "../run/carry-out.ts";
import { sha256 } from "../run/plan-of.ts";
import type { Step } from "../run/step.ts";
import { backupSecret, generatedSecrets } from "../secrets/platform-secrets.ts";

/** Hashes of the generated secrets, by `Secret/key`, each with a salt that is thrown anew for every upgrade. */
const seenSchema = z.object({ salt: z.string(), hashes: z.record(z.string(), z.string()) });

const givesSchema = z.object({ secretsSeen: seenSchema });

/** What the generated secrets were before anything was changed. */
export type SecretsSeenGive = z.infer<typeof givesSchema>;

/** Notes what every generated secret is, so that nobody has to believe that none was changed. */
export function secretsSeenStep({ objects }: { readonly objects: ClusterObjects }): Step<Place, Place, SecretsSeenGive> {
  return {
    id: "secrets-seen",
    title: "Note what the generated secrets are",
    describe: () => ({ touches: [], bytes: 0, seconds: 1, undo: "reads only" }),
    gives: givesSchema,
    run: async ({ namespace }, { signal }) => {
      const salt = randomBytes(16).toString("hex");
      return { secretsSeen: { salt, hashes: await hashesOf(objects, namespace, salt, signal) } };
    },
  };
}

/** Stops when a generated secret is not what it was: what is encrypted with it could not be read. */
export function secretsKeptStep({ objects }: { readonly objects: ClusterObjects }): Step<Place, Place & SecretsSeenGive, object> {
  return {
    id: "secrets-kept",
    title: "See that no generated secret has changed",
    describe: () => ({ touches: [], bytes: 0, seconds: 1, undo: "reads only" }),
    gives: z.object({}),
    onResume: "again",
    run: async ({ namespace, secretsSeen: { salt, hashes } }, { signal }) => {
      const now = await hashesOf(objects, namespace, salt, signal);
      const changed = Object.entries(hashes).flatMap(([name, hash]) => (now[name] === hash ? [] : [name]));
      if (changed.length > 0)
        throw new Problem("UPGRADE_SECRET_CHANGED", {
          what: `not what it was before the upgrade: ${changed.join(", ")}`,
          data: { changed },
        });
      return {};
    },
  };
}

async function hashesOf(
  objects: ClusterObjects,
  namespace: string,
  salt: string,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const wanted = { ...generatedSecrets, [backupSecret.name]: [backupSecret.key] };
  const found: Record<string, string> = {};
  for (const [secret, keys] of Object.entries(wanted)) {
    const values = (await objects.readSecret(namespace, secret, signal)) ?? {};
    for (const key of keys) {
      const value = values[key];
      if (value !== undefined) found[`${secret}/${key}`] = sha256(`${salt} ${secret}/${key} ${value}`);
    }
  }
  return found;
}
