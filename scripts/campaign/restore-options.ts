import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { z } from "zod";

/** What `npm run campaign:restore -- --help` shows. */
export const restoreUsage = `usage: npm run campaign:restore -- [--seed N] [--moments N] [--minutes N]

  --seed     decides everything random (default: a new one, which is told)
  --moments  how many restores (default: 50)
  --minutes  begins no restore after that many minutes
  --bundle   installs this bundle of release 1.0.0 (default: one is made)
  --name     name of the sandbox (default: campaign-restore)

Needs root on Linux: it starts a cluster of its own, and ends it. About a minute for each restore.
`;

const optionsSchema = z.object({
  seed: z.coerce.number().int().min(0).optional(),
  moments: z.coerce.number().int().min(1).default(50),
  minutes: z.coerce.number().positive().optional(),
  bundle: z.string().optional(),
  name: z.string().default("campaign-restore"),
  help: z.boolean().default(false),
});

/** What was asked for; the seed is a new one where none was given. */
export type RestoreOptions = Readonly<z.infer<typeof optionsSchema>> & { readonly seed: number };

/** Reads the command line. @throws Error that says what is wrong with it */
export function readRestoreOptions(argv: readonly string[]): RestoreOptions {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...argv],
    options: { seed: text, moments: text, minutes: text, bundle: text, name: text, help: { type: "boolean", short: "h" } },
  });
  const parsed = optionsSchema.safeParse({ ...values });
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  return { ...parsed.data, seed: parsed.data.seed ?? randomInt(1_000_000) };
}
