import { describe, expect, test } from "vitest";
import type { Draft } from "../../../src/domain/answers/draft.ts";
import { checkedDraft, completeAnswers } from "../../../src/domain/answers/resolve.ts";
import { askMissing } from "../../../src/wizard/wizard.ts";
import { OfferedCluster } from "../../fakes/offered-cluster.ts";
import { ScriptedPrompter, script } from "../../fakes/scripted-prompter.ts";
import { everything, fine, signal, usual, wizard } from "./scripted-wizard.ts";

describe("a first run", () => {
  test("takes what the cluster offers and asks for the rest", async () => {
    const { answers, prompter } = await wizard(everything);
    expect(answers.cluster.context).toBe("test");
    expect(answers.storage.className).toBe("fast");
    expect(answers.ingress).toMatchObject({ className: "nginx", host: "migrate.client.example", tls: { mode: "self-signed" } });
    expect(answers.profile).toBe("small");
    expect(prompter.told).toContain("Kubernetes v1.34.4 answers.");
    expect(prompter.told.join()).toContain("nginx (the only one there is)");
  });

  test("offers the default storage class first and tells what stands behind each", async () => {
    const { prompter } = await wizard(everything);
    expect(prompter.asked.find(({ message }) => message.startsWith("Storage class"))).toMatchObject({
      default: "fast",
      choices: ["fast", "slow"],
    });
  });

  test("does not offer cert-manager where the cluster does not have it", async () => {
    const { prompter } = await wizard(everything);
    expect(prompter.asked.find(({ message }) => message.startsWith("Where does the certificate"))?.choices).not.toContain(
      "from cert-manager",
    );
  });

  test("offers cert-manager where the cluster has it, and asks for the issuer", async () => {
    const offers = new OfferedCluster({ offer: { apiVersions: ["cert-manager.io/v1"] } });
    const ingress = script(
      [/^Make the platform/],
      [/^DNS name/, "a.example"],
      [/^Where does the certificate/, "from cert-manager"],
      [/^Name of the cert-manager/, "Bad Issuer", "letsencrypt"],
    );
    const { answers, prompter } = await wizard([...everything.slice(0, 8), ...ingress, ...script(usual.llm)], { offers });
    expect(answers.ingress.tls).toEqual({ mode: "cert-manager", issuer: "letsencrypt", issuerKind: "ClusterIssuer" });
    expect(prompter.refusals[0]).toContain('Use "bad-issuer"');
  });

  test("goes on without a cluster that does not answer, and says so", async () => {
    const offers = new OfferedCluster({ offer: "unreachable" });
    const { prompter, answers } = await wizard(
      everything.filter(({ asks }) => !asks.test("Storage class")),
      { offers },
    );
    expect(prompter.told.join()).toContain("The cluster cannot be asked (https://10.0.0.1:6443 does not answer)");
    expect(answers.storage.className).toBeUndefined();
  });

  test("goes on without a kubeconfig", async () => {
    const offers = new OfferedCluster({ names: [] });
    await wizard(
      everything.slice(1).filter(({ asks }) => !asks.test("Storage class")),
      { offers },
    );
    expect(offers.asked).toEqual([]);
  });

  test("asks nothing about storage classes that it may not list", async () => {
    const denied = { kind: "denied", verb: "list", resource: "storageclasses", message: "no" } as const;
    const offers = new OfferedCluster({ offer: { storageClasses: denied } });
    await wizard(
      everything.filter(({ asks }) => !asks.test("Storage class")),
      { offers },
    );
  });

  test("asks about everything when the person wants to see everything", async () => {
    const all = script(
      usual.context,
      [/^Go through/, true],
      usual.release[0],
      [/^Create the namespace/],
      usual.release[1],
      [/^Name of the Helm/],
      [/^May cluster-wide/],
      ...usual.registry,
      [/^Talk to the registry/],
      [/^Existing pull/],
      [/^Storage class/],
      [/^Size of the Postgres/, "200GB", "300Gi"],
      [/^Size of each Redis/],
      [/^Read replicas/],
      [/^Redis servers/],
      [/^Agent pool/],
      ...usual.ingress.slice(0, 2),
      [/^Namespace of the ingress/],
      usual.ingress[2],
      usual.llm,
      [/^Create network/],
      [/KEDA/],
      [/Prometheus/, "when the cluster has it"],
      [/^When do full/],
      [/^When do incremental/, "nightly", "0 3 * * *"],
      [/^In which time zone/, "CET+1", "Local", "Europe/Berlin"],
      [/^What do the backups between/],
      [/^To how many days/],
      [/^How many full/, "0", "7"],
      [/^Encrypt the backups/],
      [/^Where is the key of the backups/],
      [/^Where are backups kept/],
      [/^Storage class of the backups/],
      [/^Size of the backups/],
    );
    const { answers, prompter } = await wizard(all);
    expect(answers.storage).toEqual({ className: "fast", postgres: "300Gi" });
    expect(answers.features.serviceMonitor).toBe("auto");
    expect(answers.backup).toEqual({
      full: "0 2 * * 0",
      incremental: "0 3 * * *",
      timeZone: "Europe/Berlin",
      dailyType: "diff",
      retentionFull: 7,
      repository: expect.objectContaining({ kind: "claim" }),
    });
    expect(prompter.refusals).toHaveLength(5);
  });
});

describe("what is settled already", () => {
  test("by a flag is not asked", async () => {
    const flags = { registry: "flag.example", profile: "large", context: "prod", "ingress-host": "flag.example" };
    const left = everything.filter(
      ({ asks }) => !["Which cluster", "How large", "Registry that", "DNS name"].some((text) => asks.test(text)),
    );
    const { answers, prompter } = await wizard(left, { flags });
    expect(answers).toMatchObject({ profile: "large", cluster: { context: "prod" }, registry: { host: "flag.example" } });
    expect(prompter.asked.map(({ message }) => message).join()).not.toContain("Registry that");
  });

  test("by an earlier run stands as the suggestion", async () => {
    const text =
      "profile: standard\nregistry: { host: old.example }\ningress: { host: old.example, tls: { mode: self-signed } }\nstorage: { className: slow }\n";
    const again = everything.map(({ asks }) => ({ asks, answers: asks.test("Go through") ? [false] : [""] }));
    const { answers } = await wizard(again, { text });
    expect(answers).toMatchObject({ profile: "standard", registry: { host: "old.example" }, storage: { className: "slow" } });
    expect(answers.ingress.host).toBe("old.example");
  });

  test("by an earlier run but gone from the cluster is said so", async () => {
    const { prompter, answers } = await wizard(everything, { text: "storage: { className: gone }\n" });
    expect(prompter.told).toContain('"gone", answered before, is not there any more');
    expect(answers.storage.className).toBe("fast");
  });

  test("for another kind of certificate is dropped with its kind", async () => {
    const { answers } = await wizard(everything, { text: "ingress: { tls: { mode: files, certFile: c, keyFile: k } }\n" });
    expect(answers.ingress.tls).toEqual({ mode: "self-signed" });
  });
});

describe("checking an answer when it is given", () => {
  const registry = (...more: readonly (readonly [RegExp, ...(string | boolean)[]])[]) => [
    ...script(
      usual.context,
      usual.depth,
      ...usual.release,
      [/^Registry that/, "registry.client.example"],
      [/^User name/, "bot"],
      [/^Where is the password/],
      [/^File that holds/, "./pw"],
      [/^PEM file with the registry/],
      ...more,
    ),
    ...script([/^Storage class/], ...usual.ingress, usual.llm),
  ];

  test("a registry that refuses is told, and its answers can be given again", async () => {
    const seen: unknown[] = [];
    const checks = {
      async registry(given: unknown) {
        seen.push(given);
        return seen.length === 1 ? "registry.client.example: user name or password is wrong." : undefined;
      },
    };
    const again = [
      [/^Answer again about the registry/, true],
      [/^Registry that/],
      [/^User name/],
      [/^Where is the password/, "in an environment variable"],
      [/^Environment variable/, "hunter 2", "REG_PW"],
      [/^PEM file with the registry/],
      [/^Talk to the registry without TLS/],
    ] as const;
    const { answers, prompter } = await wizard(registry(...again), { checks });
    expect(answers.registry).toMatchObject({ username: "bot", password: { env: "REG_PW" } });
    expect(prompter.told).toContain("the registry: registry.client.example: user name or password is wrong.");
    expect(seen).toHaveLength(2);
  });

  test("a registry that refuses can be kept as answered", async () => {
    const { answers } = await wizard(registry([/^Answer again/, false]), { checks: { registry: async () => "no" } });
    expect(answers.registry.username).toBe("bot");
  });

  test("a file that is not there is asked for again", async () => {
    const readable = async (path: string) => (path === "./pw" || path === "./pw2" ? undefined : `${path} does not exist`);
    const script2 = registry().map((one) => (one.asks.test("File that holds") ? { ...one, answers: ["./nope", "./pw2"] } : one));
    const { answers, prompter } = await wizard(script2, { checks: { readable } });
    expect(answers.registry.password).toEqual({ file: "./pw2" });
    expect(prompter.refusals).toContain("./nope does not exist");
  });

  test("a variable that is set already is offered for the password", async () => {
    const script2 = registry().map((one) => (one.asks.test("File that holds") ? { asks: /^Environment variable/, answers: [""] } : one));
    const { answers } = await wizard(script2, { environment: ["MIGRATECTL_REGISTRY_PASSWORD"] });
    expect(answers.registry.password).toEqual({ env: "MIGRATECTL_REGISTRY_PASSWORD" });
  });
});

test("a command that lacks answers asks for those and nothing else", async () => {
  const prompter = new ScriptedPrompter(
    script(
      [/^Where is the password/, "in a Secret of the namespace"],
      [/^Name of the Secret/, "pull"],
      [/^Key/],
      [/^DNS name/, "a.example"],
      [/^PEM file with the cert/, "c"],
      [/^PEM file with its/, "k"],
    ),
  );
  const start: Draft = checkedDraft({ flags: { registry: "r.example", "registry-username": "bot", tls: "files" }, environment: {} });
  const draft = await askMissing(start, { prompter, checks: fine, offers: new OfferedCluster(), hasEnvironment: () => false }, signal);
  expect(completeAnswers(draft)).toMatchObject({
    registry: { password: { secret: "pull", key: "password" } },
    ingress: { host: "a.example", tls: { certFile: "c", keyFile: "k" } },
  });
  expect(prompter.rest).toEqual([]);
});
