import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { commands, topics } from "../../../src/cli/commands.ts";
import { globalFlags } from "../../../src/cli/global-flags.ts";
import { environmentName, fields, secretVariable } from "../../../src/domain/answers/fields.ts";

const root = join(import.meta.dirname, "../../..");
const pages = globSync(["README.md", "CONTRIBUTING.md", "docs/**/*.md"], { cwd: root }).filter(
  (path) => !path.startsWith("docs/commands/"),
);
const text = (page: string) => readFileSync(join(root, page), "utf8");
const scripts = (JSON.parse(text("package.json")) as { readonly scripts: Readonly<Record<string, string>> }).scripts;

/** Everything on a page that is set as code: spans and blocks. */
function codeOf(page: string): readonly string[] {
  const blocks = [...text(page).matchAll(/^ *```[^\n]*\n(.*?)^ *```/gms)].flatMap(([, block = ""]) => block.split("\n"));
  const spans = [
    ...text(page)
      .replaceAll(/^ *```.*?^ *```/gms, "")
      .matchAll(/`([^`\n]+)`/g),
  ].map(([, span = ""]) => span);
  return [...blocks, ...spans];
}

const flagsOf = new Map<string, ReadonlySet<string>>();
beforeAll(async () => {
  for (const [name, load] of Object.entries(commands)) {
    const { flags, baseFlags } = await load();
    const own = Object.entries({ ...flags, ...baseFlags }).flatMap(([flag, { char }]) => [`--${flag}`, `--no-${flag}`, `-${char}`]);
    flagsOf.set(name, new Set([...own, "--help"]));
  }
});

/** The command that a line of code calls, by its words, and the flags that are given to it. */
function callOf(code: string): { readonly words: readonly string[]; readonly flags: readonly string[] } | undefined {
  const [, call] = /(?:^|\s)migratectl ([^|#]*)/.exec(code) ?? [];
  if (call === undefined || /^[^a-z]/.test(call)) return undefined;
  const words = /^[a-z]+(?: [a-z]+)?/.exec(call)?.[0].split(" ") ?? [];
  return { words, flags: [...call.matchAll(/(?:^|\s)(--?[a-z][a-z-]*)/g)].map(([, flag = ""]) => flag) };
}

describe("the pages for people", () => {
  it.each(pages)("call commands that are there, with flags that they have: %s", (page) => {
    for (const code of codeOf(page)) {
      const call = callOf(code);
      if (call === undefined) continue;
      const [first = "", second = ""] = call.words;
      if (["help", "version", "upgrade"].includes(first) || (first in topics && second === "")) continue;
      const own = flagsOf.get(`${first} ${second}`) ?? flagsOf.get(first);
      expect(own, `${page}: ${code}`).toBeDefined();
      expect(
        call.flags.filter((flag) => own?.has(flag) !== true),
        `${page}: ${code}`,
      ).toEqual([]);
    }
  });

  it.each(pages)("name variables that are read: %s", (page) => {
    const ofTests = globSync("{scripts,test/e2e}/**/*.ts", { cwd: root }).flatMap(
      (path) => text(path).match(/\bMIGRATECTL_[A-Z_]+\b/g) ?? [],
    );
    const known = new Set<string>([
      ...ofTests,
      "MIGRATECTL_HELM",
      "MIGRATECTL_BUNDLE",
      "MIGRATECTL_INGRESS_ADDRESS",
      ...Object.values(globalFlags).map(({ env }) => String(env)),
    ]);
    for (const field of fields) known.add(environmentName(field)).add(secretVariable(field));
    const named = [...text(page).matchAll(/\bMIGRATECTL_[A-Z_]+\b/g)].map(([name]) => name);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  it.each(pages)("run npm scripts that are there: %s", (page) => {
    const called = [...text(page).matchAll(/npm run ([a-z:]+)/g)].map(([, script = ""]) => script);
    expect(called.filter((script) => !(script in scripts))).toEqual([]);
  });

  it.each(pages)("lead to files that are there: %s", (page) => {
    const links = [...text(page).matchAll(/\]\(([^)#:]+?)(?:#[^)]*)?\)/g)].map(([, link = ""]) => join(dirname(page), link));
    const folders = /^(?:src|preflight|scripts|test|templates|bundles|docs|bin)\/[\w./-]*$/;
    const paths = codeOf(page).filter((code) => folders.test(code) && !/[*…]/.test(code));
    expect([...links, ...paths].filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});
