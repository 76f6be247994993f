/**
 * The main job on real input: what is missing is fetched, a cluster started, the reference release built and bundled, and then the very
 * commands are run that a client's admin would type. Any failing step fails it. With --context NAME --registry HOST it uses a cluster that is there.
 */
import { parseArgs } from "node:util";
import { formatSeconds } from "../src/domain/units.ts";
import { ensureToolchain } from "../test/sandbox/index.ts";
import { imagesOf, makeBundle } from "./demo/bundle.ts";
import { CommandEnded, heading, runShown } from "./demo/shown.ts";
import { freshSandbox, namespace, type Site, suppliedSite, writeAnswers } from "./demo/site.ts";

const { values: options } = parseArgs({
  options: {
    context: { type: "string" },
    registry: { type: "string" },
    "registry-username": { type: "string" },
    "registry-password-file": { type: "string" },
    "registry-ca": { type: "string" },
    profile: { type: "string", default: "small" },
    help: { type: "boolean", short: "h", default: false },
  },
});

const usage = `usage: npm run demo [-- --context NAME --registry HOST[/PREFIX] [--registry-username U --registry-password-file F] [--registry-ca F]] [--profile trial|small]

Without --context it starts a cluster of its own (root on Debian, Go).
`;

async function demo(): Promise<void> {
  const started = Date.now();
  heading("What this machine needs, and the images of the reference release");
  const purposes = ["images", "bundle", ...(options.context === undefined ? (["cluster"] as const) : [])] as const;
  const toolchain = await ensureToolchain({ purposes, meanwhile: imagesOf("1.0.0") });
  heading("The bundle of release 1.0.0");
  const bundle = await makeBundle("1.0.0", toolchain.binDir);
  heading(
    options.context === undefined
      ? "A real Kubernetes of one node, with the client's registry"
      : `The cluster of context ${options.context}`,
  );
  const site = options.context === undefined ? await freshSandbox("demo", toolchain) : suppliedSite(options, toolchain.binDir);
  const answers = await writeAnswers(site, options.profile);

  heading("What the client's admin types");
  const common = ["--answers", answers, ...site.flags];
  await runShown(site, ["preflight", "--bundle", bundle, ...common]);
  await runShown(site, ["install", "--airgap", "--bundle", bundle, ...common, "--yes"]);
  await runShown(site, ["smoke", ...common]);
  await runShown(site, ["status", ...common]);
  tellWhatRuns(site, bundle, answers, (Date.now() - started) / 1000);
}

function tellWhatRuns(site: Site, bundle: string, answers: string, seconds: number): void {
  heading(`Done in ${formatSeconds(seconds)}`);
  const lines = [
    ["runs", `the platform 1.0.0 in namespace ${namespace} of ${site.name}`],
    ["bundle", bundle],
    ["answers", answers],
    ...site.look.map((command, index) => [index === 0 ? "look" : "", command]),
    ["end", site.end],
  ];
  process.stdout.write(`${lines.map(([name = "", text]) => `  ${name.padEnd(8)}${text}`).join("\n")}\n`);
}

if (options.help) process.stdout.write(usage);
else {
  await demo().catch((error: unknown) => {
    process.stderr.write(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof CommandEnded ? error.code : 1;
  });
}
