import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { createSecretSources } from "../../../src/adapters/node/secret-sources.ts";
import { answerSources } from "../../../src/cli/load-answers.ts";
import { environmentName, type Field, fields } from "../../../src/domain/answers/fields.ts";
import { filePlaces } from "../../../src/domain/answers/file-paths.ts";
import { checkedDraft, completeAnswers } from "../../../src/domain/answers/resolve.ts";
import { type Tree, valueAt, withValue } from "../../../src/domain/answers/tree.ts";
import { configure } from "../../../src/workflow/configure/configure.ts";
import { MemoryWorkFolder } from "../../fakes/memory-work-folder.ts";

const signal = new AbortController().signal;

/** One case for every field that names a file: a new one is a new case. */
const cases = (fields as readonly Field[])
  .filter(({ kind }) => kind === "path" || kind === "secret")
  .map((field) => ({ field, place: field.kind === "secret" ? [...field.path.split("."), "file"] : field.path.split(".") }));

/** Answers that are complete and hold every file there is, so that no field is out of place. */
function answersWith(files: (place: readonly string[]) => string): Tree {
  const base: Tree = {
    version: "migratectl/v2",
    registry: { host: "r.example", username: "bot" },
    ingress: { host: "a.example", tls: { mode: "files" } },
    llm: { baseUrl: "https://llm.example" },
  };
  return filePlaces.reduce<Tree>((tree, place) => withValue(tree, place, files(place)), base);
}

/** Flags that make every field meaningful. */
const everyFlag = {
  registry: "r.example",
  "registry-username": "bot",
  "registry-password-file": "/run/pw",
  "ingress-host": "a.example",
  "tls-cert-file": "/run/c",
  "tls-key-file": "/run/k",
  "llm-url": "https://llm.example",
};

const file = (path: string, files: (place: readonly string[]) => string) => ({ path, text: stringify(answersWith(files)) });
const read = (path: string, files: (place: readonly string[]) => string, place: readonly string[]) =>
  valueAt(completeAnswers(checkedDraft({ flags: {}, environment: {}, file: file(path, files) })), place);

test("every field that names a file is among the places of files", () => {
  expect(cases.map(({ place }) => place)).toEqual(filePlaces);
  expect(cases.length).toBeGreaterThan(0);
});

describe.each(cases)("$field.path", ({ field, place }) => {
  test.each([
    ["conf/m.yaml", "a.pem", "conf/a.pem"],
    ["conf/m.yaml", "./keys/a.pem", "conf/keys/a.pem"],
    ["conf/m.yaml", "../a.pem", "a.pem"],
    ["../conf/m.yaml", "a.pem", "../conf/a.pem"],
    ["/etc/x/m.yaml", "a.pem", "/etc/x/a.pem"],
    ["/etc/x/m.yaml", "/run/a.pem", "/run/a.pem"],
    ["conf/m.yaml", "/run/a.pem", "/run/a.pem"],
    ["m.yaml", "./a.pem", "./a.pem"],
  ])("in %s as %s is %s", (path, written, meant) => {
    expect(read(path, () => written, place)).toBe(meant);
  });

  test("as a flag or a variable is relative to the current directory, whatever the file lies in", () => {
    const given = file("conf/m.yaml", () => "a.pem");
    for (const sources of [
      { flags: { [field.flag]: "mine.pem" }, environment: {} },
      { flags: {}, environment: { [environmentName(field)]: "mine.pem" } },
    ]) {
      const answers = completeAnswers(checkedDraft({ ...sources, file: given }));
      expect(valueAt(answers, place)).toBe("mine.pem");
    }
  });

  test.each([
    ["m.yaml", "./a.pem", "./a.pem"],
    ["conf/m.yaml", "conf/a.pem", "a.pem"],
    ["conf/m.yaml", "a.pem", "../a.pem"],
    ["conf/m.yaml", "/run/a.pem", "/run/a.pem"],
    ["/etc/x/m.yaml", "/etc/x/a.pem", "/etc/x/a.pem"],
    ["/etc/x/m.yaml", "a.pem", join(process.cwd(), "a.pem")],
    [join(process.cwd(), "conf/m.yaml"), "conf/a.pem", "a.pem"],
  ])("written to %s, given as %s, becomes %s and is read back as the same file", async (path, given, written) => {
    const flags = { ...everyFlag, [field.flag]: given };
    const folder = new MemoryWorkFolder();
    const ports = { ask: async <D>(draft: D) => draft, confirm: async () => "write" as const, folder };
    await configure({ sources: { flags, environment: {} }, path, dryRun: false }, ports, signal);
    const text = folder.files.get(path) ?? "";
    expect(text).toContain(`${place.at(-1)}: ${written}\n`);
    const again = completeAnswers(checkedDraft({ flags: {}, environment: {}, file: { path, text } }));
    expect(resolve(String(valueAt(again, place)))).toBe(resolve(given));
  });

  test("stays as a person wrote it when nothing changes", async () => {
    const given = file("conf/m.yaml", () => "./sub/../a.pem");
    const folder = new MemoryWorkFolder();
    const ports = { ask: async <D>(draft: D) => draft, confirm: async () => "write" as const, folder };
    const flags = { "ingress-class": "nginx" };
    await configure({ sources: { flags, environment: {}, file: given }, path: "conf/m.yaml", dryRun: false }, ports, signal);
    expect(folder.files.get("conf/m.yaml")).toContain(`${place.at(-1)}: ./sub/../a.pem\n`);
  });
});

describe("a command that is run somewhere else than beside its answers file", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "answers-"));
    await mkdir(join(folder, "files"));
    for (const place of filePlaces) await writeFile(join(folder, "files", place.join("-")), `content of ${place.join(".")}`);
    await writeFile(join(folder, "m.yaml"), stringify(answersWith((place) => `files/${place.join("-")}`)));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each([
    ["absolute", (path: string) => path],
    ["relative", (path: string) => relative(process.cwd(), path)],
  ])("reads every file that it names, with the %s path of the answers file", async (_kind, named) => {
    const { file: answersFile } = await answerSources({}, { answers: named(join(folder, "m.yaml")) });
    const answers = completeAnswers(checkedDraft({ flags: {}, environment: {}, file: answersFile }));
    const sources = createSecretSources({});
    for (const place of filePlaces) expect(await sources.file(String(valueAt(answers, place)))).toBe(`content of ${place.join(".")}`);
  });
});
