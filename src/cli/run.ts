import { assertNever } from "../domain/assert-never.ts";
import { Problem } from "../domain/errors/problem.ts";
import { commands, topics } from "./commands.ts";
import { globalFlags } from "./global-flags.ts";
import { peekModes } from "./modes.ts";
import { oclifConfig } from "./oclif-config.ts";
import { type Route, route } from "./route.ts";
import { tellError, writeJson } from "./tell-error.ts";

/** Runs one command line, without the program's name. Never rejects: what goes wrong is told, and process.exitCode says it. */
export async function run(argv: readonly string[]): Promise<void> {
  const asked = route(argv, {
    commands: Object.keys(commands),
    topics: Object.keys(topics),
    globalFlags: new Map(
      Object.entries(globalFlags).flatMap(([name, flag]) => [
        [`--${name}`, flag.type === "option"] as const,
        ...(flag.char === undefined ? [] : [[`-${flag.char}`, flag.type === "option"] as const]),
      ]),
    ),
  });
  try {
    await follow(asked);
  } catch (error) {
    tellError(error, peekModes(argv, process.env));
  }
}

async function follow(asked: Route): Promise<void> {
  switch (asked.kind) {
    case "command": {
      const Command = await commands[asked.name]?.();
      if (Command === undefined) throw new TypeError(`no command ${asked.name}`);
      Command.id = asked.name;
      return await new Command([...asked.argv], oclifConfig()).execute();
    }
    case "help": {
      const { helpText, helpWidth } = await import("./help.ts");
      process.stdout.write(await helpText(asked.subject, Math.min(Math.max(process.stdout.columns ?? helpWidth, 40), helpWidth)));
      return;
    }
    case "version": {
      const [{ packageVersion }, { versionPresenter }] = await Promise.all([import("./package.ts"), import("./presenters/version.ts")]);
      const version = packageVersion();
      if (peekModes(asked.argv, process.env).json) writeJson(versionPresenter.json(version));
      else process.stdout.write(versionPresenter.text(version));
      return;
    }
    case "unknown-command":
      throw unknownCommand(asked);
    case "flag-first":
      throw new Problem("USAGE", {
        what: `${asked.flag} stands where the command belongs`,
        why: "Only global flags may stand before the command.",
        fix: "Write the command first, such as: migratectl status --json. See: migratectl help",
      });
    default:
      assertNever(asked);
  }
}

function unknownCommand({ words, near, topic }: Extract<Route, { readonly kind: "unknown-command" }>): Problem {
  const names = Object.keys(commands).filter((name) => topic !== undefined && name.startsWith(`${topic} `));
  const there = topic === undefined ? "See all commands: migratectl help" : `There are: ${names.join(", ")}. See: migratectl help ${topic}`;
  return new Problem("USAGE", {
    what: `there is no command "${words}"`,
    why: "The first words after migratectl name the command.",
    fix: near === undefined ? there : `Did you mean: migratectl ${near}? ${there}`,
    data: near === undefined ? {} : { suggestions: [near] },
  });
}
