import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { type Header, pack } from "tar-stream";

/** The image that holds a pod's namespaces open. */
export const pauseImage = "sandbox.invalid/pause:1";
/** A busybox, for system pods whose program comes from the node and for the helper pods of volumes. */
export const busyboxImage = "sandbox.invalid/busybox:1";
/** Nothing but the links of a merged /usr, for programs of the node's own distribution: /usr is mounted into it. */
export const distributionImage = "sandbox.invalid/distribution:1";

type Entry = { readonly header: Partial<Header> & Pick<Header, "name">; readonly body?: Buffer | string };

const file = (name: string, body: Buffer | string, mode = 0o644): Entry => ({ header: { name, mode }, body });
const directory = (name: string, mode = 0o755): Entry => ({ header: { name, type: "directory", mode } });
const link = (name: string, linkname: string): Entry => ({ header: { name, type: "symlink", linkname } });

const tar = (entries: readonly Entry[]): Promise<Buffer> => {
  const archive = pack();
  for (const { header, body } of entries) {
    const complete = { ...header, mtime: new Date(0) };
    if (body === undefined) archive.entry(complete);
    else archive.entry(complete, body);
  }
  archive.finalize();
  return buffer(archive);
};

const sha256 = (data: Buffer | string): string => createHash("sha256").update(data).digest("hex");

const accounts = [
  file("etc/passwd", "root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n"),
  file("etc/group", "root:x:0:\nnogroup:x:65534:\n"),
];

const applets = [
  "sh",
  "mkdir",
  "rm",
  "chmod",
  "chown",
  "ls",
  "cat",
  "sleep",
  "wget",
  "nc",
  "nslookup",
  "test",
  "env",
  "id",
  "true",
  "httpd",
  "tail",
  "df",
  "timeout",
];

const busyboxRoot = (busybox: Buffer): readonly Entry[] => [
  ...["bin", "etc", "opt", "www"].map((name) => directory(name)),
  directory("tmp", 0o1777),
  ...accounts,
  file("bin/busybox", busybox, 0o755),
  ...applets.map((applet) => link(`bin/${applet}`, "busybox")),
];

const distributionRoot: readonly Entry[] = [
  ...["etc", "usr", "var", "var/log", "var/lib", "run"].map((name) => directory(name)),
  directory("tmp", 0o1777),
  ...accounts,
  ...["bin", "sbin", "lib", "lib64"].map((name) => link(name, `usr/${name}`)),
];

const architecture = { x64: "amd64", arm64: "arm64" }[process.arch as "x64" | "arm64"];

const image = (layer: Buffer, tag: string, command: readonly string[]) => {
  const config = JSON.stringify({
    architecture,
    os: "linux",
    config: { Cmd: command, Env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"] },
    rootfs: { type: "layers", diff_ids: [`sha256:${sha256(layer)}`] },
    history: [{ created_by: "sandbox" }],
  });
  return { tag, layer: `${sha256(layer)}.tar`, config: `${sha256(config)}.json`, configText: config };
};

/** Writes an archive of the node's own images, as `ctr images import` reads it, to `path`. */
export const writeNodeImages = async (root: string): Promise<string> => {
  const path = join(root, "node-images.tar");
  const busyboxLayer = await tar(busyboxRoot(readFileSync("/bin/busybox")));
  const distributionLayer = await tar(distributionRoot);
  const images = [
    // The shell reaps what is left to it while it waits, as a pod's first process must.
    image(busyboxLayer, pauseImage, ["/bin/sh", "-c", "trap 'exit 0' TERM INT; while :; do sleep 86400 & wait $!; done"]),
    image(busyboxLayer, busyboxImage, ["/bin/sh"]),
    image(distributionLayer, distributionImage, ["/bin/sh"]),
  ];
  const manifest = images.map(({ tag, layer, config }) => ({ Config: config, RepoTags: [tag], Layers: [layer] }));
  const archive = await tar([
    file("manifest.json", JSON.stringify(manifest)),
    ...images.map(({ config, configText }) => file(config, configText)),
    ...[busyboxLayer, distributionLayer].map((layer) => file(`${sha256(layer)}.tar`, layer)),
  ]);
  writeFileSync(path, archive);
  return path;
};
