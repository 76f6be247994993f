import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { Problem } from "../../domain/errors/problem.ts";

/**
 * Path of the helm program: MIGRATECTL_HELM, then PATH, then what the bundle carries.
 * @throws Problem HELM_MISSING
 */
export async function locateHelm(
  environment: Readonly<Record<string, string | undefined>>,
  carried?: () => Promise<string>,
): Promise<string> {
  const named = environment["MIGRATECTL_HELM"];
  if (named !== undefined && named !== "") {
    if (await isProgram(named)) return named;
    throw new Problem("HELM_MISSING", { what: `MIGRATECTL_HELM is ${named}, which is no program that can be run` });
  }
  const candidates = [
    ...(environment["PATH"] ?? "")
      .split(delimiter)
      .filter((folder) => folder !== "")
      .map((folder) => join(folder, "helm")),
  ];
  for (const candidate of candidates) if (await isProgram(candidate)) return candidate;
  const last = await carried?.();
  if (last !== undefined && (await isProgram(last))) return last;
  throw new Problem("HELM_MISSING", {
    what: last === undefined ? "there is no helm on PATH" : `there is no helm on PATH, and ${last} cannot be run`,
  });
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
