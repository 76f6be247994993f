import { parseArgs } from "node:util";
import { buildPlatform } from "./platform.ts";
import { releaseVersions } from "./releases.ts";
import { type Architecture, architectures, hostArchitecture } from "./sources.ts";

export { buildPlatform } from "./platform.ts";

const usage = `usage: node build.ts --release VERSION --out DIR [--platforms amd64,arm64]
platforms: all unless given; tests run this machine's (${hostArchitecture}) only
releases: ${releaseVersions.join(", ")}`;

function parsePlatforms(text: string): readonly Architecture[] {
  return text.split(",").map((name) => {
    const found = architectures.find((architecture) => architecture === name.replace(/^linux\//, ""));
    if (found === undefined) throw new RangeError(`unknown platform ${name}; known: ${architectures.join(", ")}`);
    return found;
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      release: { type: "string" },
      out: { type: "string" },
      platforms: { type: "string", default: architectures.join(",") },
      help: { type: "boolean" },
    },
  });
  if (values.help || values.release === undefined || values.out === undefined) {
    process.stderr.write(`${usage}\n`);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort(new Error("interrupted")));
  const began = performance.now();
  const images = await buildPlatform({
    release: values.release,
    out: values.out,
    platforms: parsePlatforms(values.platforms),
    signal: stop.signal,
    onProgress: ({ image, step, seconds }) => process.stderr.write(`${image.padEnd(28)} ${step.padEnd(28)} ${seconds.toFixed(1)} s\n`),
  });
  for (const { repository, tag, digest, size } of images)
    process.stdout.write(`${repository}:${tag}@${digest} ${(size / 1e6).toFixed(1)} MB\n`);
  process.stderr.write(`built in ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
