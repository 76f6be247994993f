import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { z } from "zod";
import { faults, type UpgradeCampaign } from "../../test/campaign/upgrades/rounds.ts";

/** What `npm run campaign:upgrade -- --help` shows. */
export const upgradeUsage = `usage: npm run campaign:upgrade -- [--seed N] [--rounds N] [--from N] [--fault NAME] [--action ID]

  --seed     decides everything random (default: a new one, which is told)
  --rounds   how many rounds (default: until every fault has come at every action that it can harm)
  --from     number of the first one; --from N --rounds 1 repeats round N of the seed
  --fault    only this one: ${faults.join(", ")}
  --action   only at this action of the plan
  --minutes  begins no round after that many minutes
  --name     name of the sandbox (default: campaign-upgrade)

Needs root on Linux: it starts a cluster of its own, and ends it. Two to four minutes a round.
`;

const count = z.coerce.number().int().min(1);

const optionsSchema = z.object({
  seed: z.coerce.number().int().min(0).optional(),
  rounds: count.optional(),
  from: count.default(1),
  fault: z.enum(faults).optional(),
  action: z.string().optional(),
  minutes: z.coerce.number().positive().optional(),
  name: z.string().default("campaign-upgrade"),
  help: z.boolean().default(false),
});

/** What was asked for; the seed is a new one where none was given. */
export type UpgradeOptions = Readonly<z.infer<typeof optionsSchema>> & { readonly seed: number };

/** Reads the command line. @throws Error that says what is wrong with it */
export function readUpgradeOptions(argv: readonly string[]): UpgradeOptions {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...argv],
    options: {
      ...{ seed: text, rounds: text, from: text, fault: text, action: text, minutes: text, name: text },
      help: { type: "boolean", short: "h" },
    },
  });
  const parsed = optionsSchema.safeParse({ ...values });
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  return { ...parsed.data, seed: parsed.data.seed ?? randomInt(1_000_000) };
}

/** The command that plays exactly this round again. */
export function repeatingUpgrade({ seed, fault, action }: UpgradeCampaign, round: number): string {
  const filters = Object.entries({ fault, action }).flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${value}`]));
  return ["npm run campaign:upgrade --", `--seed ${seed}`, `--from ${round} --rounds 1`, ...filters].join(" ");
}
