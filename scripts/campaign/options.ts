import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { z } from "zod";
import { type Campaign, kinds, signals } from "../../test/campaign/rounds.ts";

/** What `npm run campaign:interrupt -- --help` shows. */
export const usage = `usage: npm run campaign:interrupt -- [--seed N] [--rounds N] [--from N] [--action ID] [--signal KILL|INT|TERM] [--kind KIND]

  --seed     decides everything random (default: a new one, which is told)
  --rounds   how many rounds (default: until every action was interrupted at every moment)
  --from     number of the first one; --from N --rounds 1 repeats round N of the seed
  --action   interrupts only at this action of the plan
  --signal   sends only this signal
  --kind     plays only rounds of this kind: ${kinds.join(", ")}
  --minutes  begins no round after that many minutes
  --bundle   installs this bundle of release 1.0.0 (default: one is made)
  --name     name of the sandbox (default: campaign)

Needs root on Linux: it starts a cluster of its own, and ends it.
`;

const count = z.coerce.number().int().min(1);

const optionsSchema = z.object({
  seed: z.coerce.number().int().min(0).optional(),
  rounds: count.optional(),
  from: count.default(1),
  action: z.string().optional(),
  signal: z.enum(signals).optional(),
  kind: z.enum(kinds).optional(),
  minutes: z.coerce.number().positive().optional(),
  bundle: z.string().optional(),
  name: z.string().default("campaign"),
  help: z.boolean().default(false),
});

/** What was asked for; the seed is a new one where none was given. */
export type CampaignOptions = Readonly<z.infer<typeof optionsSchema>> & { readonly seed: number };

/** Reads the command line. @throws Error that says what is wrong with it */
export function readOptions(argv: readonly string[]): CampaignOptions {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...argv],
    options: {
      ...{ seed: text, rounds: text, from: text, action: text, signal: text, kind: text, minutes: text, bundle: text, name: text },
      help: { type: "boolean", short: "h" },
    },
  });
  const parsed = optionsSchema.safeParse({ ...values });
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  return { ...parsed.data, seed: parsed.data.seed ?? randomInt(1_000_000) };
}

/** The command that plays exactly this round again. */
export function repeating({ seed, action, signal, kind }: Campaign, round: number): string {
  const filters = Object.entries({ action, signal, kind }).flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${value}`]));
  return ["npm run campaign:interrupt --", `--seed ${seed}`, `--from ${round} --rounds 1`, ...filters].join(" ");
}
