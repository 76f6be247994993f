import { join } from "node:path";
import { run } from "../platform/command.ts";
import { platformCache } from "../platform/platform.ts";

/** Builds the server of a kind of bucket, and gives the program's path. */
export async function objectStore(kind: "s3" | "gcs"): Promise<string> {
  const program = join(platformCache(), `object-store-${kind}`);
  await run(["go", "build", "-C", import.meta.dirname, "-o", program, `./${kind}`]);
  return program;
}
