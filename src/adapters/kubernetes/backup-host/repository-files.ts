import { z } from "zod";
import { Problem } from "../../../domain/errors/problem.ts";
import type { RepositoryFile } from "../../../domain/recovery/backup-export.ts";
import type { ExecTarget, PodExec } from "../../../ports/pod-exec.ts";
import type { RepositoryFiles } from "../../../ports/repository-files.ts";
import { parseJson } from "../../parse-json.ts";

/** Milliseconds for a question, and for bytes to flow. */
const [askDeadline, flowDeadline] = [600_000, 12 * 3_600_000];

/** Paths that one command line takes: API servers and proxies take requests of some 8 KiB at least, kubelets far more. */
const pathsAtOnce = 40;

const fileSchema = z.object({ path: z.string(), bytes: z.int().nonnegative() });

/** Who reads the sets, as the database is told. */
const holder = "export";

/** Exit statuses of the image's role: a repository that is not empty. */
const notEmpty = 65;

/** The repository's files through the container that `target` finds, by the roles of the image (docs/reference/image-contract.md). */
export function createRepositoryFiles(exec: PodExec, target: (signal: AbortSignal) => Promise<ExecTarget>): RepositoryFiles {
  const ask = async (args: readonly string[], signal: AbortSignal): Promise<string> => {
    const { code, stdout, stderr } = await exec.run(
      await target(signal),
      ["postgres-entrypoint", ...args],
      { deadline: askDeadline },
      signal,
    );
    if (code === 0) return stdout;
    throw code === notEmpty ? new Problem("REPOSITORY_NOT_EMPTY", { what: lastLine(stderr) }) : strange(args[0], code, stderr);
  };
  const list = async (role: string, signal: AbortSignal): Promise<readonly RepositoryFile[]> =>
    lines(await ask([role], signal)).map((line) => {
      const parsed = fileSchema.safeParse(parseJson(line));
      if (!parsed.success) throw new Problem("BACKUP_HOST_STRANGE", { what: `${role} answers with a line that cannot be read` });
      return parsed.data;
    });
  return {
    hold: async (signal) => void (await ask(["hold-sets", holder], signal)),
    release: async (signal) => void (await ask(["release-sets", holder], signal)),
    list: (signal) => list("repository-files", signal),
    staged: (signal) => list("brought-files", signal),
    async read(files, take, signal) {
      for (let first = 0; first < files.length; first += pathsAtOnce) {
        const some = files.slice(first, first + pathsAtOnce);
        let got = 0;
        const stdout = async (bytes: Buffer): Promise<void> => {
          got += bytes.length;
          await take(bytes);
        };
        const argv = ["postgres-entrypoint", "carry-out", ...some.map(({ path }) => path)];
        const { code, stderr } = await exec.stream(await target(signal), argv, { stdout }, { deadline: flowDeadline }, signal);
        const wanted = some.reduce((sum, { bytes }) => sum + bytes, 0);
        if (code !== 0 || got !== wanted)
          throw new Problem("EXPORT_CHANGED", { what: lastLine(stderr) || `${wanted} bytes were expected, ${got} came` });
      }
    },
    async sums(paths, signal, where) {
      const found = [];
      const role = where === "staged" ? "brought-sums" : "repository-sums";
      for (let first = 0; first < paths.length; first += pathsAtOnce)
        found.push(...lines(await ask([role, ...paths.slice(first, first + pathsAtOnce)], signal)));
      return found;
    },
    async stage(files, bytes, signal) {
      const argv = ["postgres-entrypoint", "carry-in", ...files.flatMap((file) => [file.path, String(file.bytes)])];
      const streams = { stdin: bytes, stdout: async () => undefined };
      const { code, stderr } = await exec.stream(await target(signal), argv, streams, { deadline: flowDeadline }, signal);
      if (code !== 0) throw strange("carry-in", code, stderr);
    },
    settle: async (signal) => void (await ask(["carry-end"], signal)),
  };
}

function strange(role: string | undefined, code: number, stderr: string): Problem {
  return new Problem("BACKUP_HOST_STRANGE", {
    what: `postgres-entrypoint ${role} ended with ${code}: ${lastLine(stderr) || "no reason given"}`,
  });
}

function lines(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "");
}

function lastLine(text: string): string {
  return lines(text.trim()).at(-1)?.slice(0, 500) ?? "";
}
