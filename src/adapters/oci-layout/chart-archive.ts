import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { parseDocument } from "yaml";
import { Problem } from "../../domain/errors/problem.ts";
import { encodeHeader, endMark, padded } from "../tar/tar-header.ts";

/** Which chart is packed, and as which version. */
export interface ChartToPack {
  readonly folder: string;
  readonly name: string;
  /** Becomes version and appVersion in Chart.yaml. */
  readonly version: string;
}

/** Byte of a gzip header that names the operating system; it is set to "unknown", or archives would differ between systems. */
const gzipSystemByte = 9;

/**
 * Packs a chart folder as `helm package` does, but the same for equal input: sorted, without times and owners. Hidden files stay out.
 * @throws Problem RELEASE_INVALID, FILE_UNREADABLE
 */
export async function packChart(chart: ChartToPack): Promise<Buffer> {
  const paths = listFiles(chart.folder).filter((path) => !path.split("/").some((part) => part.startsWith(".")));
  if (!paths.includes("Chart.yaml")) throw new Problem("RELEASE_INVALID", { what: `${chart.folder} is not a chart: it has no Chart.yaml` });
  const blocks: Buffer[] = [];
  for (const path of ["Chart.yaml", ...paths.filter((other) => other !== "Chart.yaml").toSorted()]) {
    const content = readFileSync(join(chart.folder, path));
    const final = path === "Chart.yaml" ? Buffer.from(versioned(content.toString("utf8"), chart)) : content;
    blocks.push(encodeHeader(`${chart.name}/${path}`, final.length), final, Buffer.alloc(padded(final.length) - final.length));
  }
  const archive = gzipSync(Buffer.concat([...blocks, Buffer.alloc(endMark)]), { level: 9 });
  archive[gzipSystemByte] = 255;
  return archive;
}

function versioned(chartYaml: string, { folder, name, version }: ChartToPack): string {
  const document = parseDocument(chartYaml);
  if (document.errors.length > 0 || document.get("name") !== name) {
    throw new Problem("RELEASE_INVALID", {
      what: `Chart.yaml in ${folder} ${document.errors.length > 0 ? "is not valid YAML" : `does not describe the chart "${name}"`}`,
    });
  }
  document.set("version", version);
  document.set("appVersion", version);
  return document.toString();
}

/** A hundred small files: read one after the other without waiting they take a fifth of the time. */
function listFiles(folder: string): readonly string[] {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length).replace(/^\/+/, ""));
  } catch (cause) {
    throw new Problem("FILE_UNREADABLE", {
      what: `the chart ${folder} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    });
  }
}
