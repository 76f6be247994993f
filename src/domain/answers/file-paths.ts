import { isAbsolute, join } from "node:path";
import { type Field, fields } from "./fields.ts";
import { type Tree, valueAt, withValue } from "./tree.ts";

/** Where the answers name a file on this host: every field of kind `path`, and the `file` of every reference to a secret. */
export const filePlaces: readonly (readonly string[])[] = (fields as readonly Field[]).flatMap(({ kind, path }) => {
  if (kind === "path") return [path.split(".")];
  return kind === "secret" ? [[...path.split("."), "file"]] : [];
});

/** A path of an answers file that lies in the folder, as a path from where the folder's own path starts; absolute ones stay. */
export function pathFrom(folder: string, path: string): string {
  return isAbsolute(path) || folder === "." ? path : join(folder, path);
}

/** The answers of a file in the folder, their paths read by {@link pathFrom}; what is no path (a mistake that the schema tells) stays. */
export function fromFolder(tree: Tree, folder: string): Tree {
  return withPaths(tree, (path) => pathFrom(folder, path));
}

/** A copy in which every path of a file is another one; `change` also gets its place in the answers. */
export function withPaths(tree: Tree, change: (path: string, place: readonly string[]) => string): Tree {
  return filePlaces.reduce<Tree>((sum, place) => {
    const path = valueAt(sum, place);
    return typeof path === "string" && path !== "" ? withValue(sum, place, change(path, place)) : sum;
  }, tree);
}
