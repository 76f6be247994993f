import { describe, expect, test } from "vitest";
import { script } from "../../fakes/scripted-prompter.ts";
import { usual, wizard } from "./scripted-wizard.ts";

describe("parts beyond the profile", () => {
  /** All questions of the long way; `parts` are the answers to the three about parts. */
  const long = (profile: string, ...parts: readonly (readonly [RegExp, ...string[]])[]) =>
    script(
      usual.context,
      [/^Go through/, true],
      usual.release[0],
      [/^Create the namespace/],
      [/^How large/, profile],
      [/^Name of the Helm/],
      [/^May cluster-wide/],
      ...usual.registry,
      [/^Talk to the registry/],
      [/^Existing pull/],
      [/^Storage class/],
      [/^Size of the Postgres/],
      [/^Size of each Redis/],
      ...parts,
      ...usual.ingress.slice(0, 2),
      [/^Namespace of the ingress/],
      usual.ingress[2],
      usual.llm,
      [/^Create network/],
      [/KEDA/],
      [/Prometheus/],
      [/^When do full/],
      [/^When do incremental/],
      [/^In which time zone/],
      [/^What do the backups between/],
      [/^To how many days/],
      [/^How many full/],
      [/^Encrypt the backups/],
      [/^Where is the key of the backups/],
      [/^Where are backups kept/],
      [/^Storage class of the backups/],
      [/^Size of the backups/],
    );
  const asked = [[/^Read replicas/], [/^Redis servers/], [/^Agent pool/]] as const;

  test("are told with what they cost, in the profile's own sizes", async () => {
    const { prompter } = await wizard(long("small", ...asked));
    const told = (message: string) => prompter.asked.find((one) => one.message.startsWith(message));
    expect(told("Read replicas")).toMatchObject({
      default: "0",
      choices: ["none", "one", "two"],
      descriptions: [undefined, "0.6 CPU, 2.1 GiB memory, 200 GiB storage more", "1.2 CPU, 4.3 GiB memory, 400 GiB storage more"],
    });
    expect(told("Redis")?.descriptions?.[1]).toBe("another takes over; 0.35 CPU, 0.7 GiB memory, 20 GiB storage more");
    expect(told("Agent pool")?.descriptions?.[1]).toBe("1 CPU, 4 GiB memory more");
  });

  test("count the storage that was answered a moment before", async () => {
    const exchanges = long("standard", ...asked).map((one) =>
      one.asks.test("Size of the Postgres volume") ? { ...one, answers: ["1Ti"] } : one,
    );
    const { prompter } = await wizard(exchanges);
    expect(prompter.asked.find(({ message }) => message.startsWith("Read replicas"))?.descriptions?.[2]).toContain("2048 GiB storage");
    expect(prompter.asked.find(({ message }) => message.startsWith("Agent pool"))?.descriptions?.[1]).toBe(
      "1 CPU, 4 GiB memory more at rest; 3 CPU, 12 GiB memory when busy",
    );
  });

  test("that stay as the profile has them are left out, so that they follow the profile when it changes", async () => {
    const { answers, draft } = await wizard(long("standard", ...asked));
    expect([answers.postgres, answers.redis, answers.features.agentPool]).toEqual([{}, {}, undefined]);
    expect(draft.tree["storage"]).toEqual({ className: "fast" });
  });

  test("that differ from the profile become numbers and booleans", async () => {
    const { answers } = await wizard(long("standard", [/^Read replicas/, "none"], [/^Redis servers/, "one"], [/^Agent pool/, "no"]));
    expect([answers.postgres, answers.redis, answers.features.agentPool]).toEqual([{ replicas: 0 }, { sentinel: false }, false]);
  });

  test("that were answered before stand as the suggestion, and go when they are what the profile has again", async () => {
    const text = "profile: small\npostgres: { replicas: 2 }\nredis: { sentinel: false }\nfeatures: { agentPool: true }\n";
    const again = long("small", [/^Read replicas/, "none"], [/^Redis servers/], [/^Agent pool/]);
    const { answers, prompter } = await wizard(again, { text });
    expect(prompter.asked.find(({ message }) => message.startsWith("Read replicas"))?.default).toBe("2");
    expect(answers.postgres.replicas).toBeUndefined();
    expect(answers.redis.sentinel, "written by a person, and not changed by one").toBe(false);
    expect(answers.features.agentPool).toBe(true);
  });

  test("are not asked about for a trial, except what was decided before", async () => {
    await wizard(long("trial"));
    const { answers } = await wizard(long("trial", [/^Redis servers/]), { text: "redis: { sentinel: true }\n" });
    expect(answers.redis.sentinel).toBe(true);
  });
});
