import { run } from "./run.ts";

// Started by bin/run.js under an older Node: when that process dies (kill -9), this one stops as if it had got SIGTERM.
if (process.send !== undefined) {
  process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
  process.channel?.unref();
}

// A reader that went away (`migratectl status | head`) is no error, and neither is a terminal that closed: the run goes on to its end.
process.stdout.on("error", (error: NodeJS.ErrnoException) => error.code === "EPIPE" && process.exit());
process.stderr.on("error", () => {});

await run(process.argv.slice(2));
