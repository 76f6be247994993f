import type { Command } from "@oclif/core/command";
import { CommandHelp, type HelpSectionRenderer } from "@oclif/core/help";
import { exitCodes } from "../domain/exit-code.ts";
import { type CommandClass, commands, topics } from "./commands.ts";
import { globalFlags } from "./global-flags.ts";
import { oclifConfig } from "./oclif-config.ts";

/** Widest that help gets; the build writes its pages at this width. */
export const helpWidth = 100;

/** Holds the words of a bracket together while lines are folded. */
const unbroken = "\u00a0";

const description = "Installs and keeps alive the AI Migration Platform on a client's own Kubernetes, air-gapped if need be.";

/**
 * What --help prints for a command (`bundle verify`), a topic (`bundle`) or the whole (""), in plain text; `width` in columns.
 * @throws TypeError for what is neither
 */
export async function helpText(subject: string, width: number): Promise<string> {
  return `${(await pageText(subject, width)).replaceAll(unbroken, " ").trimEnd()}\n`;
}

async function pageText(subject: string, width: number): Promise<string> {
  if (subject === "") return rootText(width);
  if (topics[subject] !== undefined) return topicText(subject, topics[subject], width);
  const load = commands[subject];
  if (load === undefined) throw new TypeError(`no help on ${subject}`);
  const command = await load();
  const page = new PageHelp(subject, command, width);
  return `${page.wrap(command.summary ?? "", 0)}\n\n${page.generate()}`;
}

async function rootText(width: number): Promise<string> {
  const page = new PageHelp("", undefined, width);
  const rows = [
    ...(await summaries(Object.keys(commands))),
    ["help", "show this text, or that of a command: migratectl help bundle create"] as [string, string],
    ["version", "show the version"] as [string, string],
  ];
  const flags = page.flagRows(globalFlags);
  return `${[
    page.wrap(description, 0),
    page.section("USAGE", "$ migratectl COMMAND [FLAGS]"),
    page.section("COMMANDS", rows),
    page.section("GLOBAL FLAGS", flags),
    page.section("EXIT STATUS", exitRows()),
  ].join("\n\n")}`;
}

async function topicText(topic: string, purpose: string, width: number): Promise<string> {
  const page = new PageHelp("", undefined, width);
  const rows = await summaries(Object.keys(commands).filter((name) => name.startsWith(`${topic} `)));
  return `${[page.wrap(purpose, 0), page.section("USAGE", `$ migratectl ${topic} COMMAND [FLAGS]`), page.section("COMMANDS", rows)].join("\n\n")}`;
}

async function summaries(names: readonly string[]): Promise<[string, string][]> {
  return Promise.all(names.map(async (name): Promise<[string, string]> => [name, (await commands[name]?.())?.summary ?? ""]));
}

function exitRows(): [string, string][] {
  return Object.values(exitCodes).map(({ code, meaning }) => [String(code), meaning]);
}

/** oclif's help of a command, with flags in the order of their declaration, and the exit status at the end. */
class PageHelp extends CommandHelp {
  constructor(name: string, command: CommandClass | undefined, width: number) {
    // oclif's lists of two lines per entry stand two columns further right than it thinks.
    const options = { all: false, maxWidth: width - 2, stripAnsi: true, hideCommandSummaryInDescription: true, docopts: false };
    super(loadable(name, command), oclifConfig(), { ...options, flagSortOrder: "none" });
  }

  flagRows(flags: Command.Class["flags"]): [string, string | undefined][] {
    return this.flags(Object.entries(flags).map(([name, flag]) => ({ ...flag, name }) as Command.Flag.Any)) ?? [];
  }

  protected override defaultUsage(): string {
    const required = Object.entries(this.command.flags).filter(([, { required: must }]) => must === true);
    return [
      super.defaultUsage(),
      ...required.map(([name, flag]) => `--${name} ${"helpValue" in flag ? flag.helpValue : "VALUE"}`),
      "[FLAGS]",
    ].join(" ");
  }

  /** Defaults and variables after what the flag means, not before. */
  protected override flags(flags: Command.Flag.Any[]): [string, string | undefined][] | undefined {
    return super.flags(flags)?.map(([left, right]) => [left, inOneWord(right)]);
  }

  protected override sections(): { generate: HelpSectionRenderer; header: string }[] {
    return [...super.sections(), { header: "EXIT STATUS", generate: (_, header) => [{ header, body: exitRows() }] }];
  }
}

/** `[default: x, env: Y] meaning` as `meaning [default: x, env: Y]`, in which no name is parted from its value by a fold. */
function inOneWord(text: string | undefined): string | undefined {
  return text
    ?.replace(/^(\(required\) )?(\[[^\]]*\]) ([^\n]*)/, "$1$3 $2")
    .replaceAll(/\[[^\]\n]*\b(?:env|default): [^\]]*\]/g, (bracket) => bracket.replaceAll(": ", `:${unbroken}`));
}

/** A command class as oclif's help wants to see it. */
function loadable(name: string, command: CommandClass | undefined): Command.Loadable {
  return {
    id: name,
    summary: command?.summary,
    description: command?.description,
    examples: command?.examples,
    flags: { ...command?.flags, ...command?.baseFlags },
    args: Object.fromEntries(Object.entries(command?.args ?? {}).map(([arg, facts]) => [arg, { ...facts, name: arg }])),
    aliases: [],
    hiddenAliases: [],
    hidden: false,
    strict: true,
  } as unknown as Command.Loadable;
}
