/** What becomes of a command whose streams fail; imported first, before a library can have its own idea of it. */
import { Problem } from "../domain/errors/problem.ts";
import { peekModes } from "./modes.ts";
import { tellError } from "./tell-error.ts";

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // A reader that went away (`migratectl status | head`) is no error.
  if (error.code === "EPIPE") process.exit();
  const problem = new Problem(error.code === "ENOSPC" ? "DISK_FULL" : "FILE_UNWRITABLE", {
    what: `the result cannot be written to stdout: ${error.message}`,
    why: "What stdout leads to takes no more.",
    fix: "Make room there or send stdout elsewhere, then run the same command again.",
  });
  tellError(problem, { ...peekModes(process.argv.slice(2), process.env), json: false });
  process.exit();
});

// Nor is a terminal that closed: what was begun goes on to its end.
process.stderr.on("error", () => {});
