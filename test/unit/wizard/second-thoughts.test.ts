import { describe, expect, test } from "vitest";
import { checkedDraft, completeAnswers } from "../../../src/domain/answers/resolve.ts";
import { askMissing } from "../../../src/wizard/wizard.ts";
import { OfferedCluster } from "../../fakes/offered-cluster.ts";
import { esc, ScriptedPrompter, script } from "../../fakes/scripted-prompter.ts";
import { everything, fine, signal, usual, wizard } from "./scripted-wizard.ts";

describe("going back", () => {
  test("asks the question before again, with its answer as the suggestion", async () => {
    const { answers } = await wizard([
      ...script(usual.context, usual.depth, [/^Namespace to/, "wrong"], [/^How large/, esc], [/^Namespace to/, "right"]),
      ...everything.slice(3),
    ]);
    expect(answers.release.namespace).toBe("right");
  });

  test("passes over what was settled without a question", async () => {
    // The ingress class is the only one there is: it is told, not asked.
    const { prompter } = await wizard([
      ...everything.slice(0, 10),
      ...script([/^Where does the certificate/, esc], [/^DNS name/]),
      ...everything.slice(10),
    ]);
    expect(prompter.asked.filter(({ message }) => message.startsWith("DNS name")).at(-1)?.default).toBe("migrate.client.example");
  });

  test("to the choice of the cluster looks at the cluster chosen then", async () => {
    const offers = new OfferedCluster();
    await wizard([...script(usual.context, [/^Go through/, esc], [/^Which cluster/, "prod"]), ...everything.slice(1)], { offers });
    expect(offers.asked).toEqual(["test", "prod"]);
  });

  test("from the first question asks it again, and looks at nothing twice", async () => {
    await wizard([...script([/^Which cluster/, esc]), ...everything]);
    const offers = new OfferedCluster({ names: ["only"] });
    await wizard([...script([/^Go through/, esc]), ...everything.slice(1)], { offers });
    expect(offers.asked).toEqual(["only"]);
  });

  test("works among the answers that a command lacks, too", async () => {
    const prompter = new ScriptedPrompter(
      script([/^Registry that/, "wrong.example"], [/^DNS name/, esc], [/^Registry that/, "right.example"], [/^DNS name/, "a.example"]),
    );
    const ports = { prompter, checks: fine, offers: new OfferedCluster(), hasEnvironment: () => false };
    const answers = completeAnswers(await askMissing(checkedDraft({ flags: {}, environment: {} }), ports, signal));
    expect([answers.registry.host, answers.ingress.host]).toEqual(["right.example", "a.example"]);
  });
});

describe("an answer that is taken away", () => {
  test("takes its secret with it", async () => {
    const text =
      "registry: { host: r.example, username: bot, password: { env: PW } }\nllm: { baseUrl: https://llm.example, apiKey: { env: KEY } }\n";
    const exchanges = everything.map((one) =>
      one.asks.test("User name") || one.asks.test("URL of the LLM") ? { ...one, answers: [" "] } : one,
    );
    const { answers } = await wizard(exchanges, { text });
    expect([answers.registry.username, answers.registry.password, answers.llm.baseUrl, answers.llm.apiKey]).toEqual(
      Array(4).fill(undefined),
    );
  });

  test("but is needed, because a flag gives its secret, is asked for until it is given", async () => {
    const { answers, prompter } = await wizard([...everything, ...script([/^User name/, "", "bot"])], {
      flags: { "registry-password-file": "/pw" },
    });
    expect(answers.registry).toMatchObject({ username: "bot", password: { file: "/pw" } });
    expect(prompter.refusals).toContain("an answer is needed here");
  });
});
