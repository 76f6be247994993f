import { join } from "node:path";
import { run } from "../platform/command.ts";
import { platformCache } from "../platform/platform.ts";

/** Builds the server that speaks S3, and gives the program's path. */
export async function objectStore(): Promise<string> {
  const program = join(platformCache(), "object-store");
  await run(["go", "build", "-C", import.meta.dirname, "-o", program, "."]);
  return program;
}
