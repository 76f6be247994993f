import { Config, Help } from "@oclif/core";

/** Help as a page wants it: no colours, eighty columns. */
class PageHelp extends Help {
  text(command: Parameters<Help["formatCommand"]>[0]): string {
    return this.formatCommand(command);
  }
}

/** One page per command under docs/commands and an index; the text is what --help prints. */
export async function commandPages(root: string): Promise<readonly (readonly [string, string])[]> {
  process.env["NO_COLOR"] = "1";
  const config = await Config.load({ root });
  const help = new PageHelp(config, { stripAnsi: true, maxWidth: 100 });
  const commands = [...config.commands].filter((command) => !command.hidden).sort((a, b) => (a.id < b.id ? -1 : 1));
  const words = (id: string): string => id.replaceAll(":", " ");
  const pages = commands.map((command) => {
    const body = help
      .text(command)
      .replaceAll(/migratectl\/\S+ \S+ node-\S+/g, "migratectl")
      .trimEnd();
    return [
      `docs/commands/${command.id.replaceAll(/[: ]/g, "-")}.md`,
      `# migratectl ${words(command.id)}\n\n\`\`\`text\n${body}\n\`\`\`\n`,
    ] as const;
  });
  const index = commands.map(
    (command) => `| [\`${words(command.id)}\`](${command.id.replaceAll(/[: ]/g, "-")}.md) | ${command.summary ?? ""} |`,
  );
  return [...pages, ["docs/commands/README.md", `# Commands\n\n| command | what it does |\n|---|---|\n${index.join("\n")}\n`]];
}
