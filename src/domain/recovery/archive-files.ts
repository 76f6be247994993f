import { z } from "zod";
import { Problem } from "../errors/problem.ts";
import { parseSegmentName } from "./lsn.ts";

/** A file of the archive: its path below `archive/STANZA`, its size in the repository. */
export interface ArchiveFile {
  readonly path: string;
  readonly bytes: number;
}

/** What a file of the archive is, by its name. */
export type FileKind =
  | { readonly kind: "segment"; readonly timeline: number; readonly number: number; readonly digest: string }
  | { readonly kind: "partial"; readonly timeline: number; readonly name: string }
  | { readonly kind: "history" | "label"; readonly timeline: number };

/** What a file of that name is; undefined when it is none of an archive's. */
export function kindOf(name: string, segmentBytes: number): FileKind | undefined {
  const [, history] = /^([0-9A-F]{8})\.history$/.exec(name) ?? [];
  if (history !== undefined) return { kind: "history", timeline: Number.parseInt(history, 16) };
  const segment = parseSegmentName(name.slice(0, 24), segmentBytes);
  if (segment === undefined) return undefined;
  const rest = name.slice(24);
  if (/^\.[0-9A-F]{8}\.backup$/.test(rest)) return { kind: "label", timeline: segment.timeline };
  const [, partial, digest] = /^(\.partial)?-([0-9a-f]{40})(?:\.(?:gz|lz4|zst|bz2))?$/.exec(rest) ?? [];
  if (digest === undefined) return undefined;
  return partial === undefined
    ? { kind: "segment", ...segment, digest }
    : { kind: "partial", timeline: segment.timeline, name: name.slice(0, 24) };
}

const listingSchema = z.record(z.string(), z.object({ type: z.string(), size: z.number().optional() }));

/**
 * The files in what `pgbackrest repo-ls --recurse --output=json archive/STANZA` printed, parsed as JSON.
 * @throws Problem REPOSITORY_UNREADABLE when it is something else
 */
export function readListing(listing: unknown): readonly ArchiveFile[] {
  const parsed = listingSchema.safeParse(listing);
  if (!parsed.success) {
    throw new Problem("REPOSITORY_UNREADABLE", {
      what: `The list of the archive's files is not understood: ${z.prettifyError(parsed.error)}`,
    });
  }
  return Object.entries(parsed.data).flatMap(([path, { type, size }]) => (type === "file" ? [{ path, bytes: size ?? 0 }] : []));
}
