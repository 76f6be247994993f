import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Elf } from "./elf.ts";
import { type ImageTree, readLayer, resolvePath, stacked } from "./image-tree.ts";
import { platformImages } from "./images.ts";
import { type StoredImage, storedImage } from "./oci-image.ts";
import { buildPlatform } from "./platform.ts";
import { platformRelease } from "./releases.ts";
import { type Architecture, architectures } from "./sources.ts";

const release = "1.0.0";
const names = platformImages(platformRelease(release)).map(({ name }) => name);
const cases = architectures.flatMap((architecture) => names.map((name) => ({ architecture, name })));
const machines = { amd64: "x86_64", arm64: "AArch64" } as const satisfies Record<Architecture, Elf["machine"]>;
const triplets = { amd64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" } as const satisfies Record<Architecture, string>;

let folder: string;
const layers = new Map<string, Promise<ImageTree>>();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "platform-complete-"));
  await buildPlatform({ release, out: folder });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(name: string, architecture: Architecture): Promise<StoredImage & { readonly tree: ImageTree }> {
  const image = await storedImage(folder, name, architecture);
  const trees = image.layers.map((path) => {
    const known = layers.get(path) ?? readLayer(path, (one) => one.startsWith("var/lib/dpkg/status.d/"));
    layers.set(path, known);
    return known;
  });
  return { ...image, tree: stacked(await Promise.all(trees)) };
}

function isThere(tree: ImageTree, path: string): boolean {
  return resolvePath(tree, path) !== undefined;
}

describe.each(cases)("$name for $architecture", ({ name, architecture }) => {
  test("every program and library is of that architecture and finds its loader and all that it is linked with", async () => {
    const { tree } = await read(name, architecture);
    const programs = [...tree].flatMap(([path, { elf }]) => (elf === undefined ? [] : [{ path, elf }]));
    expect(programs.length).toBeGreaterThan(100);
    expect(programs.filter(({ elf }) => elf.machine !== machines[architecture])).toEqual([]);
    expect(programs.filter(({ elf }) => elf.loader !== undefined && !isThere(tree, elf.loader))).toEqual([]);
    const missing = programs.flatMap(({ path, elf }) => {
      const own = elf.runPath.map((one) => one.replace(/\$(ORIGIN|\{ORIGIN\})/, `/${dirname(path)}`));
      const folders = [...own, `/usr/lib/${triplets[architecture]}`, "/usr/lib"];
      return elf.needed
        .filter((library) => !folders.some((one) => isThere(tree, join(one, library))))
        .map((library) => `${path} needs ${library}`);
    });
    expect(missing).toEqual([]);
  });

  test("the folders of programs and libraries are those under /usr, and the entry point is there", async () => {
    const { tree, config } = await read(name, architecture);
    const merged = ["bin", "lib", "sbin"].map((one) => `${one} -> ${tree.get(one)?.link}`);
    expect(merged).toEqual(["bin -> usr/bin", "lib -> usr/lib", "sbin -> usr/sbin"]);
    const [program = ""] = config.Entrypoint;
    const path = config.Env.find((one) => one.startsWith("PATH="))?.slice(5) ?? "";
    const found = path.split(":").map((one) => join(one, program));
    expect([program, ...found].filter((one) => one.startsWith("/") && isThere(tree, one))).not.toEqual([]);
  });

  test("it runs as a user of its own, and nothing in it is another user's, gains privileges or can be written by all", async () => {
    const { tree, config } = await read(name, architecture);
    expect(config.User).toMatch(/^1000\d:1000\d$/);
    const entries = [...tree];
    expect(entries.filter(([, { owner }]) => owner !== "0:0")).toEqual([]);
    expect(entries.filter(([, { mode }]) => (mode & 0o6000) !== 0)).toEqual([]);
    const open = entries.filter(([, { type, mode }]) => type !== "symlink" && (mode & 0o002) !== 0);
    expect(open.map(([path, { mode }]) => `${path} ${mode.toString(8)}`).sort()).toEqual(["tmp 1777", "var/lock 1777", "var/tmp 1777"]);
  });

  test("building left nothing behind: no archives or lists of apt, no manuals, no empty links, no sources of services", async () => {
    const { tree } = await read(name, architecture);
    const left = /\.(deb|partial)$|^(var\/(cache|lib)\/apt|usr\/share\/(man|locale|info)|etc\/(init\.d|cron.*)|usr\/lib\/systemd|root)\/./;
    expect([...tree.keys()].filter((path) => left.test(path))).toEqual([]);
    const nowhere = [...tree].filter(([path, { type }]) => type === "symlink" && !isThere(tree, path)).map(([path]) => path);
    // /etc/localtime is the administrator's to set, modules are nginx's other packages.
    expect(nowhere.filter((path) => path !== "usr/share/zoneinfo/localtime" && path !== "usr/share/nginx/modules")).toEqual([]);
  });
});

test.each(architectures)("pgBackRest for %s has the fixes that recovery needs: 2.59 or later", async (architecture) => {
  const { tree } = await read("postgres", architecture);
  const record = tree.get("var/lib/dpkg/status.d/pgbackrest")?.text ?? "";
  const [, major, minor] = (/^Version: (\d+)\.(\d+)/m.exec(record) ?? []).map(Number);
  expect(major).toBe(2);
  expect(minor).toBeGreaterThanOrEqual(59);
});
