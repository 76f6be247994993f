import { basename } from "node:path";
import { z } from "zod";

const namesSchema = z.array(z.string()).readonly();

/** How chosen packages are remembered. */
export const debianPackagesSchema = z
  .array(
    z.object({
      name: z.string(),
      version: z.string(),
      architecture: z.string(),
      file: z.string(),
      uri: z.string(),
      digest: z.string(),
      needs: z.array(namesSchema).readonly(),
      provides: namesSchema,
    }),
  )
  .readonly();

/**
 * A Debian package as apt chose it. `file` is its name in a pool, `digest` its SHA-256 in the signed index, `needs` what it depends on:
 * one list of alternatives for each dependency, without versions, for apt has seen to those.
 */
export type DebianPackage = z.infer<typeof debianPackagesSchema>[number];

/** The record of a package in an index, by field. */
export type IndexRecord = ReadonlyMap<string, string>;

/** The records that `apt-cache show` prints; lines that continue a field are left out, no field read here has any. */
export function parseRecords(text: string): readonly IndexRecord[] {
  return text
    .split(/\n\n+/)
    .filter((record) => record.trim() !== "")
    .map((record) => new Map([...record.matchAll(/^([^\s:]+): ?(.*)$/gm)].map(([, field = "", value = ""]) => [field, value])));
}

// NAME (>= VERSION) or NAME:any
const nameIn = (relation: string): string => /^\s*([^\s:(]+)/.exec(relation)?.[1] ?? "";

const listed = (record: IndexRecord, field: string): readonly string[] => (record.get(field) ?? "").split(",").filter((one) => one !== "");

const uriLine = /^'([^']+)' (\S+) \d+ SHA256:([0-9a-f]{64})$/;

/** A package from a line that `apt-get --print-uris` printed; its dependencies are not known from there. Throws Error for any other line. */
export function parsePrintedUri(line: string): DebianPackage {
  const [, uri, file, digest] = uriLine.exec(line) ?? [];
  if (uri === undefined || file === undefined || digest === undefined) throw new Error(`apt printed what is no package: ${line}`);
  // NAME_VERSION_ARCHITECTURE.deb, the version's colon written as %3a.
  const [name = "", version = "", architecture = ""] = basename(file, ".deb").split("_");
  return { name, version: decodeURIComponent(version), architecture, file, uri, digest, needs: [], provides: [] };
}

/** The package with its dependencies, from its record. */
export function withDependencies(one: DebianPackage, record: IndexRecord): DebianPackage {
  return {
    ...one,
    needs: [...listed(record, "Pre-Depends"), ...listed(record, "Depends")].map((clause) => clause.split("|").map(nameIn)),
    provides: listed(record, "Provides").map(nameIn),
  };
}
