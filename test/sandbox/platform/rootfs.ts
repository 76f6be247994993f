import { createWriteStream } from "node:fs";
import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { run, start } from "./command.ts";
import type { DebianPackage } from "./debian.ts";

/** Something a layer holds besides packages. Paths have no leading slash. */
export type Entry =
  | { readonly kind: "file"; readonly path: string; readonly content: string | Uint8Array; readonly mode?: number }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  | { readonly kind: "directory"; readonly path: string; readonly mode?: number };

// What a container never reads. Copyright files stay: they are a condition of most licences.
const unwanted = [
  "./usr/share/man/*",
  "./usr/share/info/*",
  "./usr/share/lintian/*",
  "./usr/share/locale/*",
  "./usr/share/bug/*",
  "./usr/share/bash-completion/*",
  "./usr/share/doc-base/*",
  "./usr/share/pixmaps/*",
  "./usr/share/applications/*",
  "./usr/share/doc/*/[!c]*",
  "./usr/share/doc/*/changelog*",
  "./usr/share/zoneinfo/right/*",
  "./usr/lib/*/gconv/*",
  "./lib/systemd/*",
  "./usr/lib/systemd/*",
  "./etc/init.d/*",
  "./etc/cron*",
  "./etc/logrotate.d/*",
  "./usr/lib/*/perl*",
  "./usr/lib/python3*/test/*",
  "./usr/lib/python3*/idlelib/*",
  "./usr/lib/python3*/ensurepip/*",
  "./usr/lib/python3*/pydoc_data/*",
  "./usr/lib/python3*/turtledemo/*",
  "./usr/lib/python3*/tkinter/*",
  "./usr/lib/python3*/lib2to3/*",
  "./usr/lib/postgresql/*/lib/bitcode/*",
  "./usr/lib/postgresql/*/lib/llvmjit*",
  "./usr/share/postgresql/*/man/*",
  "./usr/share/postgresql/*/tsearch_data/hunspell*",
];

/**
 * Unpacks packages into a directory without running any of their scripts, so that it works for any architecture and without
 * root. The control data goes to var/lib/dpkg/status.d, where scanners of distroless images look for it.
 */
export async function unpack(
  root: string,
  packages: readonly DebianPackage[],
  files: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const status = join(root, "var/lib/dpkg/status.d");
  await mkdir(status, { recursive: true });
  for (const [index, one] of packages.entries()) {
    const file = files[index] ?? "";
    const tar = join(root, ".data.tar");
    const deb = start(["dpkg-deb", "--fsys-tarfile", file], { signal });
    await Promise.all([deb.done, pipeline(deb.stdout, createWriteStream(tar))]);
    await run(
      [
        "tar",
        "-x",
        "-f",
        tar,
        "-C",
        root,
        "--keep-directory-symlink",
        "--no-same-owner",
        "--wildcards",
        ...unwanted.map((p) => `--exclude=${p}`),
      ],
      { signal },
    );
    await rm(tar);
    await writeFile(join(status, one.name), await run(["dpkg-deb", "--field", file], { signal }));
  }
  await dropSetIds(root);
}

/** Puts entries into a directory, over what packages left there. */
export async function place(root: string, entries: readonly Entry[]): Promise<void> {
  for (const entry of entries) {
    const path = join(root, entry.path);
    if (entry.kind === "directory") {
      await mkdir(path, { recursive: true });
      await chmod(path, entry.mode ?? 0o755);
      continue;
    }
    await mkdir(dirname(path), { recursive: true });
    await rm(path, { force: true, recursive: true });
    if (entry.kind === "link") await symlink(entry.target, path);
    else {
      await writeFile(path, entry.content);
      await chmod(path, entry.mode ?? 0o644);
    }
  }
}

/** One file of all the certificates that ca-certificates ships, as its script would have made it. */
export async function bundleCertificates(root: string): Promise<void> {
  const folder = join(root, "usr/share/ca-certificates/mozilla");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".crt")).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  await place(root, [
    { kind: "file", path: "etc/ssl/certs/ca-certificates.crt", content: texts.map((text) => `${text.trimEnd()}\n`).join("") },
  ]);
  await rm(join(root, "usr/share/ca-certificates"), { recursive: true });
}

// Nothing here may gain privileges, so nothing carries set-user-id bits.
async function dropSetIds(root: string): Promise<void> {
  await run(["find", root, "-type", "f", "-perm", "/6000", "-exec", "chmod", "ug-s", "{}", "+"]);
}
