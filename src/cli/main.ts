import "./stdio.ts";
import { run } from "./run.ts";

// A command uses each of its schemas once or twice: compiling a parser for it takes longer than parsing. (zod's `z.config`, without loading zod.)
Reflect.set(globalThis, "__zod_globalConfig", { jitless: true });

// Started by bin/run.js under an older Node: when that process dies (kill -9), this one stops as if it had got SIGTERM.
if (process.send !== undefined) {
  process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
  process.channel?.unref();
}

await run(process.argv.slice(2));
