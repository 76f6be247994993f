import { open, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { Problem } from "../../domain/errors/problem.ts";
import { imagesLockSchema } from "../../domain/release/lock.ts";
import { type ReleaseImage, type ReleaseSpec, releaseSpecSchema } from "../../domain/release/release.ts";
import type { FileContent, ReleaseSource } from "../../ports/bundle-file.ts";
import { packChart } from "./chart-archive.ts";
import { readRange } from "./file-bytes.ts";
import { sha256, sha256Of } from "./hashing.ts";

/** Reads the vendor's release folders, and the files that go into a bundle, from the local disk. */
export const releaseFolder: ReleaseSource = {
  async spec(folder: string): Promise<ReleaseSpec> {
    const path = join(folder, "release.yaml");
    const content = await readFile(path, "utf8").catch(unreadable(path));
    const parsed = releaseSpecSchema.safeParse(parseYaml(content, path));
    if (!parsed.success) throw new Problem("RELEASE_INVALID", { what: `${path} is not valid: ${inOneLine(parsed.error)}` });
    return parsed.data;
  },

  async lock(path: string): Promise<readonly ReleaseImage[]> {
    const content = await readFile(path, "utf8").catch((cause: unknown) => {
      throw new Problem("RELEASE_LOCK_INVALID", { what: `the lock ${path} cannot be read: ${messageOf(cause)}`, cause });
    });
    const parsed = imagesLockSchema.safeParse(parseJson(content, path));
    if (!parsed.success) throw new Problem("RELEASE_LOCK_INVALID", { what: `${path} is not valid: ${inOneLine(parsed.error)}` });
    return parsed.data;
  },

  async chart(folder: string, spec: ReleaseSpec): Promise<FileContent> {
    const content = await packChart({ folder: resolve(folder, spec.chart.path), name: spec.chart.name, version: spec.version });
    return { size: content.length, digest: sha256(content), read: () => oneChunk(content) };
  },

  async file(path: string, signal: AbortSignal): Promise<FileContent> {
    return { ...(await sha256Of(fileBytes(path), signal)), read: () => fileBytes(path) };
  },
};

/** Content of a file on disk. @throws Problem FILE_UNREADABLE while reading */
export async function* fileBytes(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path).catch(unreadable(path));
  try {
    yield* readRange(file, 0, (await file.stat()).size);
  } finally {
    await file.close();
  }
}

async function* oneChunk(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}

function parseYaml(content: string, path: string): unknown {
  try {
    return parse(content);
  } catch (cause) {
    throw new Problem("RELEASE_INVALID", { what: `${path} is not valid YAML: ${messageOf(cause)}`, cause });
  }
}

function parseJson(content: string, path: string): unknown {
  try {
    return JSON.parse(content);
  } catch (cause) {
    throw new Problem("RELEASE_LOCK_INVALID", { what: `${path} is not JSON`, cause });
  }
}

function unreadable(path: string): (cause: unknown) => never {
  return (cause) => {
    throw new Problem("FILE_UNREADABLE", { what: `${path} cannot be read: ${messageOf(cause)}`, cause });
  };
}

function inOneLine(error: z.ZodError): string {
  return z.prettifyError(error).replaceAll("\n", " ").replaceAll("✖ ", "");
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? (cause.message.split("\n", 1)[0] ?? "") : String(cause);
}
