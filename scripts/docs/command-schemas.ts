import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Names of the schemas of what a command prints under --json, read from the presenters that its source imports. @throws Error for a command without one */
export function schemasOf(root: string, command: string): readonly string[] {
  const source = readFileSync(join(root, `src/cli/commands/${command.replaceAll(" ", "/")}.ts`), "utf8");
  const imports = [...source.matchAll(/import \{ ([^}]*Presenter[^}]*) \} from "(?:\.\.\/)+presenters\/([\w-]+)\.ts"/g)];
  const names = imports.flatMap(([, presenters = "", file = ""]) => {
    const presenter = readFileSync(join(root, `src/cli/presenters/${file}.ts`), "utf8");
    return presenters.split(",").flatMap((one) => nameOf(presenter, one.trim()));
  });
  if (names.length === 0) throw new Error(`no presenter in the command ${command}`);
  return names.sort();
}

function nameOf(source: string, presenter: string): readonly string[] {
  const name = new RegExp(`export const ${presenter}\\b[^]*?\\bname: "([\\w-]+)"`).exec(source)?.[1];
  return name === undefined ? [] : [name];
}
