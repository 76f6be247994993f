import { attempt } from "../run.ts";
import { buildPrograms, installPackages } from "./install.ts";
import { binDir, thisMachine } from "./machine.ts";
import { isComplete, planTools, type ToolPlan } from "./plan.ts";
import { Progress, type StepName } from "./progress.ts";
import { type Purpose, requirements } from "./requirements.ts";

/** Where the tools of a sandbox are. */
export type Toolchain = {
  /** The directory of everything that was built. */
  readonly binDir: string;
  /** Absolute paths of commands that the machine had, by command. */
  readonly elsewhere: Readonly<Record<string, string>>;
};

const everything: readonly Purpose[] = ["cluster", "images", "bundle", "tests"];

/** What is missing on this machine; reads only. */
const missingTools = (purposes: readonly Purpose[] = everything): ToolPlan => planTools(requirements, purposes, thisMachine);

const programsOf = (builds: ToolPlan["builds"]): string => [...new Set(builds.map(({ program }) => program))].join(", ");

const lookWhatIsMissing = ({ packages, builds }: ToolPlan): readonly string[] => [
  ...(packages.length > 0 ? [`from Debian: ${packages.join(", ")}`] : []),
  ...(builds.length > 0 ? [`built with Go: ${programsOf(builds)}`] : []),
];

const requireGo = async (): Promise<void> => {
  const { stdout, code } = await attempt(["go", "version"]).catch(() => ({ stdout: "", code: 1 }));
  if (code !== 0)
    throw new Error("Go is needed to build parts of the sandbox and is not on PATH: install Go 1.24 or newer from https://go.dev/dl/");
  if (!/go1\.(2[4-9]|[3-9]\d)/.test(stdout))
    throw new Error(`Go 1.24 or newer is needed to build parts of the sandbox; this is ${stdout.trim()}`);
};

/** Work that needs the Debian packages but nothing that is built with Go, and so is done while Go builds. */
export type Meanwhile = {
  readonly title: string;
  readonly work: (detail: (text: string) => void, signal?: AbortSignal) => Promise<void>;
};

const get = async ({ packages, builds }: ToolPlan, meanwhile: Meanwhile | undefined, signal?: AbortSignal): Promise<void> => {
  const steps: readonly StepName[] = [
    ...(packages.length > 0 ? (["packages"] as const) : []),
    ...(builds.length > 0 ? (["build"] as const) : []),
    ...(meanwhile ? (["images"] as const) : []),
  ];
  const progress = new Progress(steps);
  const fromDebian = async () => {
    if (packages.length > 0)
      await progress.step("packages", `installing ${packages.length} Debian packages`, (detail) =>
        installPackages(packages, detail, signal),
      );
    if (meanwhile) await progress.step("images", meanwhile.title, (detail) => meanwhile.work(detail, signal));
  };
  const withGo = async () => {
    if (builds.length > 0)
      await progress.step("build", `building ${programsOf(builds)}`, (detail) => buildPrograms(builds, detail, signal));
  };
  await Promise.all([fromDebian(), withGo()]);
};

/**
 * Makes sure that every tool is on the machine, saying on stderr what is missing and how long getting it takes; `meanwhile` is done beside that.
 * Throws when a package cannot be installed, a program cannot be built, or this is not root on Linux.
 */
export const ensureToolchain = async (
  options: { readonly purposes?: readonly Purpose[]; readonly meanwhile?: Meanwhile; readonly signal?: AbortSignal } = {},
): Promise<Toolchain> => {
  const { purposes = everything, meanwhile, signal } = options;
  if (process.platform !== "linux" || process.getuid?.() !== 0) throw new Error("the sandbox needs root on Linux");
  const plan = missingTools(purposes);
  for (const line of lookWhatIsMissing(plan)) process.stderr.write(`missing, ${line}\n`);
  if (plan.builds.length > 0) await requireGo();
  await get(plan, meanwhile, signal);
  const after = missingTools(purposes);
  if (!isComplete(after)) throw new Error(`still missing after installing: ${lookWhatIsMissing(after).join("; ")}`);
  return { binDir, elsewhere: after.found };
};
