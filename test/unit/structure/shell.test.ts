import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const platform = join(import.meta.dirname, "../../sandbox/platform");

/** Every script of the reference platform's images. */
const scripts = readdirSync(platform, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => join(parentPath, name))
  .filter((path) => path.endsWith(".sh") || readFileSync(path, "utf8").startsWith("#!/bin/sh"));

describe("the scripts of the images", () => {
  it.each(scripts.map((path) => [path.slice(platform.length + 1), path]))("are shell: %s", (_, path) => {
    const { status, stderr } = spawnSync("sh", ["-n", path], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });

  it("are found", () => {
    expect(scripts.length).toBeGreaterThan(10);
  });
});
