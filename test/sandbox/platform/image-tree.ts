import { createReadStream } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, type Header } from "tar-stream";
import { type Elf, readElf } from "./elf.ts";

/** One path of an image. */
interface TreeEntry {
  readonly type: NonNullable<Header["type"]>;
  readonly mode: number;
  readonly owner: string;
  /** Where a symbolic or hard link leads. */
  readonly link: string;
  /** What a file is linked with, when it is a program or a library. */
  readonly elf?: Elf | undefined;
  /** The file's text, when it was asked for. */
  readonly text?: string;
}

/** The paths of an image, without a leading slash. */
export type ImageTree = ReadonlyMap<string, TreeEntry>;

/** The paths of a packed layer, in its order; `wantsText` tells which files' text is kept. */
export async function readLayer(path: string, wantsText: (path: string) => boolean): Promise<ImageTree> {
  const entries = new Map<string, TreeEntry>();
  const tar = extract();
  const collect = async (): Promise<void> => {
    for await (const entry of tar) {
      const { name, type, mode = 0, uid = -1, gid = -1, linkname } = entry.header;
      const content = await buffer(entry);
      const at = normalize(name).replace(/\/$/, "");
      entries.set(at, {
        type: type ?? "file",
        mode,
        owner: `${uid}:${gid}`,
        link: linkname ?? "",
        elf: readElf(content),
        ...(wantsText(at) ? { text: content.toString("utf8") } : {}),
      });
    }
  };
  await Promise.all([pipeline(createReadStream(path), createGunzip(), tar), collect()]);
  return entries;
}

/** The tree that layers make, from the bottom up. None of the platform's layers removes anything of the lower ones. */
export function stacked(layers: readonly ImageTree[]): ImageTree {
  return new Map(layers.flatMap((layer) => [...layer]));
}

/** The path that a path leads to when all links are followed inside the image; undefined when there is nothing. */
export function resolvePath(tree: ImageTree, path: string, hops = 0): string | undefined {
  if (hops > 40) return undefined;
  let at = "";
  const parts = path.split("/").filter((part) => part !== "");
  for (const [index, part] of parts.entries()) {
    at = join(at, part);
    const entry = tree.get(at);
    if (entry === undefined) return undefined;
    if (entry.type !== "symlink") continue;
    const target = entry.link.startsWith("/") ? entry.link : join("/", dirname(at), entry.link);
    return resolvePath(tree, join(target, ...parts.slice(index + 1)), hops + 1);
  }
  return at;
}
