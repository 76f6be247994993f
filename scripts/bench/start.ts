import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Toolchain } from "../../test/sandbox/index.ts";
import { inTurn, median, ratio, type Sample, type Subject } from "./measure.ts";
import { type BenchResult, memoryLimit } from "./page.ts";

const cli = join(import.meta.dirname, "../../bin/run.js");
const ours = (name: string, ...args: readonly string[]): Subject => ({ name, argv: [process.execPath, cli, ...args] });

const milliseconds = (samples: readonly Sample[]): string => `${(median(samples.map(({ seconds }) => seconds)) * 1000).toFixed(0)} ms`;
const peak = (samples: readonly Sample[]): number => Math.max(...samples.map(({ bytes }) => bytes));

/** One row of the table from the samples of two subjects. */
export function compared(name: string, mine: readonly Sample[], peers: readonly Sample[], limit: number): BenchResult {
  const factor = ratio(mine, peers);
  const bytes = peak(mine);
  return {
    name,
    ours: milliseconds(mine),
    peer: milliseconds(peers),
    ratio: factor,
    limit,
    bytes,
    met: factor <= limit && bytes < memoryLimit,
  };
}

/** `--version` and `--help` against `helm version`, `kubectl version --client` and a bare Node. */
export async function startBench({ binDir, elsewhere }: Toolchain, rounds: number): Promise<readonly BenchResult[]> {
  const subjects: readonly Subject[] = [
    ours("version", "--version"),
    ours("help", "--help"),
    { name: "helm", argv: [join(binDir, "helm"), "version"] },
    { name: "kubectl", argv: [elsewhere["kubectl"] ?? join(binDir, "kubectl"), "version", "--client"] },
    { name: "node", argv: [process.execPath, "-e", "0"] },
    ours("install help", "install", "--help"),
  ];
  const samples = await inTurn(subjects, rounds);
  const of = (name: string): readonly Sample[] => samples.get(name) ?? [];
  return [
    compared("`--version` to `helm version`", of("version"), of("helm"), 1.5),
    compared("`--help` to `helm version`", of("help"), of("helm"), 1.5),
    {
      name: "`--version` to `kubectl version --client`",
      ours: milliseconds(of("version")),
      peer: milliseconds(of("kubectl")),
      ratio: ratio(of("version"), of("kubectl")),
      met: true,
    },
    {
      name: "`--version` to a bare Node",
      ours: milliseconds(of("version")),
      peer: milliseconds(of("node")),
      ratio: ratio(of("version"), of("node")),
      met: true,
    },
    {
      name: "`install --help` (loads the CLI)",
      ours: milliseconds(of("install help")),
      peer: milliseconds(of("helm")),
      ratio: ratio(of("install help"), of("helm")),
      bytes: peak(of("install help")),
      met: peak(of("install help")) < memoryLimit,
    },
  ];
}

/** Both sides are told it, so that neither asks a cluster. */
const kubeVersion = "v1.34.4";

/** `render` of `small` against `helm template` of the same chart with the same values. */
export async function renderBench({
  answers,
  bundle,
  binDir,
  rounds,
}: {
  readonly answers: string;
  readonly bundle: string;
  readonly binDir: string;
  readonly rounds: number;
}): Promise<readonly BenchResult[]> {
  const folder = await mkdtemp(join(tmpdir(), "migratectl-bench-render-"));
  const helm = join(binDir, "helm");
  try {
    const render: Subject = {
      ...ours("render", "render", "--answers", answers, "--bundle", bundle, "--out", folder, "--kube-version", kubeVersion),
      env: { MIGRATECTL_HELM: helm },
    };
    await inTurn([render], 1);
    const template: Subject = {
      name: "template",
      argv: [
        helm,
        "template",
        "migrate-platform",
        join(import.meta.dirname, "../../templates/chart"),
        "--namespace",
        "migrate-platform",
        "--values",
        join(folder, "values.yaml"),
        "--kube-version",
        kubeVersion,
      ],
    };
    const samples = await inTurn([render, template], rounds);
    return [compared("`render` of small to `helm template`", samples.get("render") ?? [], samples.get("template") ?? [], 2)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
