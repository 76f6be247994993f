import { attempt } from "../run.ts";
import { buildPrograms, downloadSources, installPackages } from "./install.ts";
import { binDir, thisMachine } from "./machine.ts";
import { isComplete, planTools, type ToolPlan } from "./plan.ts";
import { inWords, Progress, type StepName } from "./progress.ts";
import { type GoRequirement, type Purpose, requirements } from "./requirements.ts";

/** Where the tools of a sandbox are. */
export type Toolchain = {
  /** The directory of everything that was built. */
  readonly binDir: string;
  /** Absolute paths of commands that the machine had, by command. */
  readonly elsewhere: Readonly<Record<string, string>>;
};

const everything: readonly Purpose[] = ["cluster", "images", "tests"];

/** What is missing on this machine; reads only. */
const missingTools = (purposes: readonly Purpose[] = everything): ToolPlan => planTools(requirements, purposes, thisMachine);

const lookWhatIsMissing = ({ packages, builds }: ToolPlan): readonly string[] => [
  ...(packages.length > 0 ? [`from Debian: ${packages.join(" ")}`] : []),
  ...(builds.length > 0 ? [`built with Go: ${builds.map(({ program }) => program).join(" ")}`] : []),
];

const requireGo = async (): Promise<void> => {
  const { stdout, code } = await attempt(["go", "version"]).catch(() => ({ stdout: "", code: 1 }));
  if (code !== 0)
    throw new Error("Go is needed to build parts of the sandbox and is not on PATH: install Go 1.24 or newer from https://go.dev/dl/");
  if (!/go1\.(2[4-9]|[3-9]\d)/.test(stdout))
    throw new Error(`Go 1.24 or newer is needed to build parts of the sandbox; this is ${stdout.trim()}`);
};

const get = async ({ packages, builds }: ToolPlan, signal?: AbortSignal): Promise<void> => {
  const of = (module: GoRequirement["module"]) => builds.filter((build) => build.module === module);
  const modules = (["kube", "tools"] as const).filter((module) => of(module).length > 0);
  const steps: readonly StepName[] = [
    ...(packages.length > 0 ? (["packages"] as const) : []),
    ...modules.map((module) => `build ${module}` as const),
  ];
  const progress = new Progress(steps);
  process.stderr.write(`about ${inWords(progress.secondsLeft())} in all\n`);
  const compile = async (): Promise<void> => {
    for (const module of modules) {
      const names = of(module).map(({ program }) => program);
      await progress.step(`build ${module}`, `building ${names.join(", ")}`, (detail) => buildPrograms(module, of(module), detail, signal));
    }
  };
  await Promise.all([
    packages.length > 0 &&
      progress.step("packages", `installing ${packages.length} Debian packages`, (detail) => installPackages(packages, detail, signal)),
    modules.includes("tools") && downloadSources(of("tools"), signal),
    compile(),
  ]);
};

/**
 * Makes sure that every tool is on the machine, saying on stderr what is missing and how long getting it takes.
 * Throws when a package cannot be installed, a program cannot be built, or this is not root on Linux.
 */
export const ensureToolchain = async (
  options: { readonly purposes?: readonly Purpose[]; readonly signal?: AbortSignal } = {},
): Promise<Toolchain> => {
  const { purposes = everything, signal } = options;
  if (process.platform !== "linux" || process.getuid?.() !== 0) throw new Error("the sandbox needs root on Linux");
  const plan = missingTools(purposes);
  if (!isComplete(plan)) {
    for (const line of lookWhatIsMissing(plan)) process.stderr.write(`missing, ${line}\n`);
    if (plan.builds.length > 0) await requireGo();
    await get(plan, signal);
  }
  const after = missingTools(purposes);
  if (!isComplete(after)) throw new Error(`still missing after installing: ${lookWhatIsMissing(after).join("; ")}`);
  return { binDir, elsewhere: after.found };
};
