/** Reads the imports of the project's own sources, for the layer test and the picture in docs/layers.md. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

/** One import between two of the project's source files; paths are relative to the project's root. `lazy` for import(). */
export interface SourceImport {
  readonly from: string;
  readonly to: string;
  readonly lazy: boolean;
  /** `import type`, which is gone at run time. */
  readonly typeOnly: boolean;
}

/** Room of a source file: the top folder below src, or `preflight` for the checks. */
export function layerOf(path: string): string {
  const [top, second] = path.split("/");
  if (top !== "src") return top ?? path;
  return second === "cli" && path.startsWith("src/cli/compose/") ? "compose" : (second ?? path);
}

/** Every relative import in src/ and preflight/, static and dynamic. */
export function sourceImports(root: string): readonly SourceImport[] {
  const files = [...globSync("src/**/*.ts", { cwd: root }), ...globSync("preflight/**/*.ts", { cwd: root })].sort();
  return files.flatMap((from) => {
    const text = readFileSync(join(root, from), "utf8");
    const found = [
      ...text.matchAll(/(?:\bimport (type )?[^;"]*?\bfrom\s+|\bexport [^;"]*?\bfrom\s+|\bimport\s+|\b(import)\()"(\.{1,2}\/[^"]+)"/g),
    ];
    return found.map(([, typeOnly, lazy, target]) => ({
      from,
      to: normalize(join(dirname(from), target ?? "")),
      lazy: lazy !== undefined,
      typeOnly: typeOnly !== undefined,
    }));
  });
}

/** Packages imported by a file, without Node's own. */
export function packageImports(root: string, file: string): readonly string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\()"([^."][^"]*)"/g)].flatMap(([, name]) =>
    name === undefined || name.startsWith("node:") ? [] : [name],
  );
}
