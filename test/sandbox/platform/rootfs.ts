import { chmod, cp, lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { feed, run } from "./command.ts";
import type { DebianPackage } from "./debian-package.ts";

/** Something a layer holds besides packages. Paths have no leading slash. */
export type Entry =
  | { readonly kind: "file"; readonly path: string; readonly content: string | Uint8Array; readonly mode?: number }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  | { readonly kind: "directory"; readonly path: string; readonly mode?: number };

// What a container never reads. Copyright files stay: they are a condition of most licences.
const unwanted = [
  "./usr/share/applications",
  "./usr/share/apport",
  "./usr/share/bash-completion",
  "./usr/share/binfmts",
  "./usr/share/bug",
  "./usr/share/doc-base",
  "./usr/share/doc/*/[!c]*",
  "./usr/share/doc/*/changelog*",
  "./usr/share/gcc",
  "./usr/share/gdb",
  "./usr/share/info",
  "./usr/share/lintian",
  "./usr/share/locale",
  "./usr/share/man",
  "./usr/share/pixmaps",
  "./usr/share/vim",
  "./usr/share/zoneinfo/right",
  "./usr/lib/*/gconv/*",
  "./usr/lib/*/perl*",
  // Services, and the settings of the services that Debian would start.
  "./lib/systemd",
  "./usr/lib/systemd",
  "./etc/cron*",
  "./etc/default",
  "./etc/init.d",
  "./etc/logrotate.d",
  "./etc/pgbackrest.conf",
  "./etc/pgbouncer/*",
  "./etc/redis/*",
  "./etc/ufw",
  // Parts of Python for its authors and for terminals; the libraries of the latter are left out.
  "./usr/lib/python3*/ensurepip",
  "./usr/lib/python3*/idlelib",
  "./usr/lib/python3*/lib-dynload/_curses*",
  "./usr/lib/python3*/lib-dynload/readline.*",
  "./usr/lib/python3*/lib2to3",
  "./usr/lib/python3*/pydoc_data",
  "./usr/lib/python3*/test",
  "./usr/lib/python3*/tkinter",
  "./usr/lib/python3*/turtledemo",
  "./usr/lib/postgresql/*/lib/bitcode",
  "./usr/lib/postgresql/*/lib/llvmjit*",
  "./usr/share/postgresql/*/man",
  "./usr/share/postgresql/*/tsearch_data/hunspell*",
];

/**
 * Unpacks packages into a directory without running any of their scripts, so that it works for any architecture and without
 * root; `files` are their .deb files in the same order. The control data goes to var/lib/dpkg/status.d, where scanners of distroless
 * images look for it. Throws CommandFailed or AggregateError when dpkg-deb or tar fail.
 */
export async function unpack(
  root: string,
  packages: readonly DebianPackage[],
  files: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const excluded = unwanted.map((pattern) => `--exclude=${pattern}`);
  // One tar for all of them: each package's archive ends in zeros that tar is told to read on after.
  const tar = [
    "tar",
    "-x",
    "-f",
    "-",
    "--ignore-zeros",
    "-C",
    root,
    "--keep-directory-symlink",
    "--no-same-owner",
    "--wildcards",
    ...excluded,
  ];
  const content = files.map((file) => ["dpkg-deb", "--fsys-tarfile", file]);
  await feed(tar, content, { signal });
  const records = join(root, "var/lib/dpkg/status.d");
  await mkdir(records, { recursive: true });
  for (const [index, { name }] of packages.entries())
    await writeFile(join(records, name), await run(["dpkg-deb", "--field", files[index] ?? ""], { signal }));
  await mergeUsr(root);
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

// Packages of bookworm still have /lib. Over the base's link to /usr/lib such a directory would hide the C library's loader.
async function mergeUsr(root: string): Promise<void> {
  for (const name of ["bin", "lib", "lib64", "sbin"]) {
    const path = join(root, name);
    const found = await lstat(path).catch(() => undefined);
    if (found?.isDirectory() !== true) continue;
    await cp(path, join(root, "usr", name), { recursive: true, verbatimSymlinks: true });
    await rm(path, { recursive: true });
  }
}

// Nothing here may gain privileges, so nothing carries set-user-id bits.
async function dropSetIds(root: string): Promise<void> {
  await run(["find", root, "-type", "f", "-perm", "/6000", "-exec", "chmod", "ug-s", "{}", "+"]);
}
