import { describe, expect, it } from "vitest";
import { commands, topics } from "../../../src/cli/commands.ts";
import { globalFlags } from "../../../src/cli/global-flags.ts";
import { helpText } from "../../../src/cli/help.ts";
import { exitCodes } from "../../../src/domain/exit-code.ts";
import { captured, type Ended } from "./captured.ts";

const subjects = ["", ...Object.keys(topics), ...Object.keys(commands)];
const words = (subject: string) => subject.split(" ").filter((word) => word !== "");

describe("help", () => {
  it.each(subjects)("is the same however it is asked for: %s", async (subject) => {
    const asked = [
      [...words(subject), "--help"],
      [...words(subject), "-h"],
      ["help", ...words(subject)],
      ["--json", "help", ...words(subject)],
    ];
    const texts: Ended[] = [];
    for (const line of asked) texts.push(await captured(line));
    const [first] = texts;
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(first?.stdout).toContain("USAGE");
    for (const { stdout } of texts) expect(stdout).toBe(first?.stdout);
  });

  it.each(["", ...Object.keys(commands)])("tells every exit status and every global flag with its variable: %s", async (subject) => {
    const text = await helpText(subject, 100);
    const [, table = ""] = text.split("EXIT STATUS\n");
    expect(table.trimEnd().split("\n")).toEqual(
      Object.values(exitCodes).map(({ code, meaning }) => `  ${String(code).padEnd(3)}  ${meaning}`),
    );
    for (const [name, { env }] of Object.entries(globalFlags)) {
      expect(text).toContain(`--${name}`);
      expect(text).toContain(`env: ${env}]`);
    }
  });

  it.each(Object.keys(commands))("has a summary, how to call it and examples: %s", async (name) => {
    const text = await helpText(name, 100);
    expect(text).toMatch(
      new RegExp(`^\\S.*(?:\\n\\S.*)?\\n\\nUSAGE\\n {2}\\$ migratectl ${name}(?: [A-Z]+| \\[[A-Z]+\\]| --\\S+ [A-Z]+)* \\[FLAGS\\]\\n`),
    );
    expect(text).toContain(`EXAMPLES\n  $ migratectl ${name}`);
    expect(text).not.toMatch(/\[default: *\]|<%|undefined|\u00a0/);
  });

  it.each([60, 80, 100])("folds at %d columns, all but the examples, which are there to be copied", async (columns) => {
    for (const subject of subjects) {
      const lines = (await helpText(subject, columns)).split("\n").filter((line) => !line.startsWith("  $ "));
      for (const line of lines) expect(line.length, `${subject}: ${line}`).toBeLessThanOrEqual(columns);
      if (subject in topics) continue;
      for (const { env } of Object.values(globalFlags)) expect(lines.join("\n"), "in one piece").toContain(`env: ${env}]`);
    }
  });

  it("names every command in the whole, and those of a topic under it", async () => {
    const whole = await helpText("", 100);
    for (const name of Object.keys(commands)) expect(whole).toMatch(new RegExp(`^ {2}${name} {2}`, "m"));
    expect(await helpText("bundle", 100)).toMatch(/COMMANDS\n {2}bundle create {3}make/);
  });

  it("is shown for no command at all, and for a topic alone", async () => {
    expect((await captured([])).stdout).toBe(await helpText("", 100));
    expect((await captured(["bundle"])).stdout).toBe(await helpText("bundle", 100));
  });
});

describe("version", () => {
  it("is told by --version and by the command, as text and as a document", async () => {
    const { stdout } = await captured(["--version"]);
    expect(stdout).toMatch(/^migratectl\/\d+\.\d+\.\d+ \S+-\S+ node-v\S+\n$/);
    expect((await captured(["version"])).stdout).toBe(stdout);
    const document = JSON.parse((await captured(["version", "--json"])).stdout);
    expect(document).toMatchObject({ kind: "Version", version: /\/(\S+)/.exec(stdout)?.[1] });
  });
});
