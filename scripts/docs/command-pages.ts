import { commands } from "../../src/cli/commands.ts";
import { helpText, helpWidth } from "../../src/cli/help.ts";
import { schemasOf } from "./command-schemas.ts";

/** One page per command under docs/commands and an index; the text is what --help prints. */
export async function commandPages(root: string): Promise<readonly (readonly [string, string])[]> {
  const names = Object.keys(commands);
  const pages = await Promise.all(
    names.map(async (name) => {
      const schemas = schemasOf(root, name).map((schema) => `[${schema}](../schemas/${schema}.json)`);
      const json = `\`--json\` prints ${schemas.join(" or ")}; an error is always [error](../schemas/error.json).`;
      const text = `# migratectl ${name}\n\n\`\`\`text\n${await helpText(name, helpWidth)}\`\`\`\n\n${json}\n`;
      return [`docs/commands/${fileOf(name)}`, text] as const;
    }),
  );
  const index = await Promise.all(
    names.map(async (name) => `| [\`${name}\`](${fileOf(name)}) | ${(await commands[name]?.())?.summary ?? ""} |`),
  );
  const head = "Every one of them ends with one of these [exit codes](../errors/README.md), and has the same global flags.";
  return [...pages, ["docs/commands/README.md", `# Commands\n\n${head}\n\n| command | what it does |\n|---|---|\n${index.join("\n")}\n`]];
}

function fileOf(name: string): string {
  return `${name.replaceAll(" ", "-")}.md`;
}
