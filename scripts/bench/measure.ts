/** Times whole processes and reads their peak memory, in pairs, so that a noisy machine slows both sides alike. */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One command to measure: argv, and what the process needs. */
export interface Subject {
  readonly name: string;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes that count as a good run; 0 unless told otherwise. */
  readonly accepts?: readonly number[];
}

/** Wall seconds and peak resident bytes (of the largest process, as GNU time tells them) of one run. */
export interface Sample {
  readonly seconds: number;
  readonly bytes: number;
}

/** Runs a command once under GNU time. @throws Error when it ends with a code that is not accepted */
export async function sample(subject: Subject): Promise<Sample> {
  const folder = await mkdtemp(join(tmpdir(), "migratectl-bench-"));
  const report = join(folder, "time");
  try {
    const started = process.hrtime.bigint();
    const { code, errors } = await finished(["/usr/bin/time", "-q", "-f", "%M", "-o", report, ...subject.argv], subject.env);
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    if (!(subject.accepts ?? [0]).includes(code)) throw new Error(`${subject.name} ended with ${code}: ${errors.slice(-2000)}`);
    const kilobytes = Number((await readFile(report, "utf8")).trim().split("\n").at(-1));
    return { seconds, bytes: kilobytes * 1024 };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs the subjects in turn, `rounds` times after one warm-up, and gives each one's samples. */
export async function inTurn(subjects: readonly Subject[], rounds: number): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const samples = new Map<string, Sample[]>(subjects.map(({ name }) => [name, []]));
  for (let round = -1; round < rounds; round += 1) {
    for (const subject of subjects) {
      const one = await sample(subject);
      if (round >= 0) samples.get(subject.name)?.push(one);
    }
  }
  return samples;
}

/** The middle value; of an even count the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const [low = Number.NaN, high = Number.NaN] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  return (low + high) / 2;
}

/** Median of the ratios a/b, round by round. */
export function ratio(a: readonly Sample[], b: readonly Sample[]): number {
  return median(a.map((one, round) => one.seconds / (b[round]?.seconds ?? Number.NaN)));
}

function finished(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly errors: string }> {
  return new Promise((resolve, reject) => {
    const [command = "", ...rest] = argv;
    const child = spawn(command, rest, { env: { ...process.env, NO_COLOR: "1", ...env }, stdio: ["ignore", "ignore", "pipe"] });
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? -1, errors }));
  });
}
