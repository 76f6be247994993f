import { describe, expect, test } from "vitest";
import { neededAnswers } from "../../../src/domain/answers/needed.ts";
import { checkedDraft, completeAnswers } from "../../../src/domain/answers/resolve.ts";
import { askMissing } from "../../../src/wizard/wizard.ts";
import { OfferedCluster } from "../../fakes/offered-cluster.ts";
import { problemOf } from "../../fakes/problem-of.ts";
import { type Exchange, ScriptedPrompter, script } from "../../fakes/scripted-prompter.ts";
import { everything, fine, signal, wizard } from "./scripted-wizard.ts";

const kept = "version: migratectl/v2\nregistry: { host: r.example }\ningress: { host: a.example }\n";
const draftOf = (text = kept, flags: Record<string, unknown> = {}) =>
  checkedDraft({ flags, environment: {}, file: { path: "kept", text } });
const release = (version: string, ...notes: readonly (readonly [string, ...string[]])[]) => ({
  version,
  notes: notes.map(([text, ...answers]) => ({ text, answers })),
});

describe("the answers that releases need", () => {
  test("are those of their notes that nobody gave, each once, with what the first that needs it says", () => {
    const releases = [
      release("1.1.0", ["Backups are made by the clock of a zone.", "backup.timeZone"], ["Faster."]),
      release("2.0.0", ["Once more.", "backup.timeZone", "registry.host", "llm.baseUrl"]),
    ];
    expect(neededAnswers(draftOf(), releases).map(({ path, flag, note }) => [path, flag, note])).toEqual([
      ["backup.timeZone", "backup-time-zone", "1.1.0: Backups are made by the clock of a zone."],
      ["llm.baseUrl", "llm-url", "2.0.0: Once more."],
    ]);
    expect(neededAnswers(draftOf(kept, { "llm-url": "https://llm.example", "backup-time-zone": "Etc/UTC" }), releases)).toEqual([]);
  });

  test("are named as they were when the bundle was made", () => {
    const needed = neededAnswers(draftOf(), [release("1.1.0", ["Larger backups.", "storage.backup"])]);
    expect(needed).toMatchObject([{ path: "backup.repository.size", flag: "backup-size" }]);
    const answered = `${kept}backup: { repository: { size: 1Ti } }\n`;
    expect(neededAnswers(draftOf(answered), [release("1.1.0", ["Larger backups.", "storage.backup"])])).toEqual([]);
  });

  test("may be values of the chart", () => {
    const releases = [release("1.1.0", ["Shards.", "values.worker.shards"])];
    expect(neededAnswers(draftOf(), releases)).toMatchObject([{ flag: "set", value: "worker.shards=VALUE" }]);
    expect(neededAnswers(draftOf(kept, { set: ["worker.shards=3"] }), releases)).toEqual([]);
  });

  test("that this migratectl does not know want a newer one", async () => {
    const problem = await problemOf(() => neededAnswers(draftOf(), [release("3.0.0", ["Shops.", "shop.tax"])]));
    expect(problem.code).toBe("BUNDLE_NEWER");
    expect(problem.message).toBe("release 3.0.0 asks for the answer shop.tax, which this migratectl does not know");
  });
});

describe("a person who upgrades", () => {
  async function asked(exchanges: readonly Exchange[], ...notes: readonly (readonly [string, ...string[]])[]) {
    const prompter = new ScriptedPrompter(exchanges);
    const ports = { prompter, checks: fine, offers: new OfferedCluster(), hasEnvironment: () => false };
    const draft = draftOf();
    const answers = completeAnswers(await askMissing(draft, ports, signal, neededAnswers(draft, [release("1.1.0", ...notes)])));
    expect(prompter.rest).toEqual([]);
    return { prompter, answers };
  }

  test("is told why and asked once for each, with no way around it", async () => {
    const exchanges = script(
      [/^In which time zone/],
      [/^URL of the LLM/, "", "https://llm.example/v1"],
      [/^Where is the LLM/, "in an environment variable"],
      [/^Environment variable/, "LLM_KEY"],
    );
    const { prompter, answers } = await asked(exchanges, ["Zones.", "backup.timeZone"], ["A provider.", "llm.baseUrl", "llm.apiKey"]);
    expect(prompter.told).toEqual(["1.1.0: Zones.", "1.1.0: A provider."]);
    expect(prompter.refusals).toEqual(["an answer is needed here"]);
    expect(answers).toMatchObject({
      backup: { timeZone: "Etc/UTC" },
      llm: { baseUrl: "https://llm.example/v1", apiKey: { env: "LLM_KEY" } },
    });
  });

  test("gives what the profile has anyway as an answer, of a list with nothing to offer too", async () => {
    const exchanges = script(
      [/^Size of the backups/],
      [/^What do the backups between/],
      [/^Storage class for/, "", "fast"],
      [/^Where is the key of the backups/, "in a file on this host"],
      [/^File that holds it/, "/key"],
      [/^Create network/],
    );
    const paths = ["backup.repository.size", "backup.dailyType", "storage.className", "backup.encryptionKey", "features.networkPolicies"];
    const { answers, prompter } = await asked(exchanges, ["All of it.", ...paths]);
    expect(answers).toMatchObject({ backup: { dailyType: "diff", encryptionKey: { file: "/key" } }, storage: { className: "fast" } });
    expect(answers.backup.repository.size).toBe("200Gi");
    expect(prompter.asked.find(({ message }) => message.startsWith("Where is the key"))?.choices).not.toContain(
      "nowhere yet: make one at the first install",
    );
  });

  test("is asked nothing where an answer is needed that is no question", async () => {
    const problem = await problemOf(() => asked([], ["Zones.", "backup.timeZone"], ["Shards.", "values.worker.shards"]));
    expect(problem.code).toBe("ANSWERS_MISSING");
    expect(problem.message).toContain("--set worker.shards=VALUE");
  });
});

test("configure asks on the short way, too, for what answers of an earlier version did not know", async () => {
  const old = kept.replace("v2", "v1");
  const draft = draftOf(old);
  expect(draft.migrated?.added.map(({ answer }) => answer)).toEqual(["backup.timeZone"]);
  const { answers } = await wizard([...everything, ...script([/^In which time zone/, "Europe/Berlin"])], {
    file: { path: "m.yaml", text: old },
  });
  expect(answers.backup.timeZone).toBe("Europe/Berlin");
});
