import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { createdPresenter } from "../../../src/cli/presenters/bundle.ts";
import { createStyle } from "../../../src/cli/presenters/style.ts";
import { createBundle } from "../../../src/workflow/bundle/create.ts";
import { failure } from "../../fakes/failure.ts";
import { type GeneratedRelease, generateRelease } from "../../fakes/generated-release.ts";
import { always, layoutPorts, makeBundle } from "../../fakes/made-bundle.ts";

const made: { readonly folder: string }[] = [];
afterEach(() => {
  for (const { folder } of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function generate(): GeneratedRelease {
  const release = generateRelease({ seed: 3, layerSize: 1000 });
  made.push(release);
  return release;
}

function create(
  { layout, release, folder }: GeneratedRelease,
  changes: { readonly out?: string; readonly lock?: string; readonly dryRun?: boolean } = {},
) {
  return createBundle(
    layoutPorts(layout),
    { release, lock: join(layout, "images.lock.json"), tools: [], out: join(folder, "out.tar"), dryRun: false, ...changes },
    always,
  );
}

const blob = ({ layout }: GeneratedRelease, digest: string) => join(layout, "blobs", "sha256", digest.slice("sha256:".length));

describe("bundle create", () => {
  it("gives the same bytes for the same input", async () => {
    const tool = join(generate().folder, "helm");
    writeFileSync(tool, "a program");
    const tools = [{ name: "helm", platform: "linux/amd64", path: tool }];
    const [one, two] = await Promise.all([makeBundle({ seed: 11, tools }), makeBundle({ seed: 11, tools })]);
    made.push(one, two);
    expect(readFileSync(one.path).equals(readFileSync(two.path))).toBe(true);
    expect(one.summary.files.map(({ path }) => path)).toEqual(["chart/sample-1.0.0.tgz", "tools/linux-amd64/helm"]);
  });

  it("packs the chart as the release's version, and leaves the rest of Chart.yaml as it is", async () => {
    const bundle = await makeBundle({ seed: 12, version: "1.2.3" });
    made.push(bundle);
    const file = await bundle.open();
    const chunks: Buffer[] = [];
    for await (const chunk of file.file("chart/sample-1.2.3.tgz")) chunks.push(Buffer.from(chunk));
    await file.close();
    const tar = gunzipSync(Buffer.concat(chunks)).toString();
    expect(tar).toContain("apiVersion: v2\n# kept\nname: sample\nversion: 1.2.3\nappVersion: 1.2.3\n");
    expect(tar).toContain("sample/templates/config.yaml");
    expect(tar).not.toContain(".helmignore");
  });

  it("leaves nothing behind when the source's content is not what its digest says", async () => {
    const release = generate();
    const path = blob(release, release.ownLayer);
    const content = readFileSync(path);
    content.writeUInt8((content[5] ?? 0) ^ 1, 5);
    writeFileSync(path, content);
    const problem = await failure(create(release));
    expect([problem.code, problem.message]).toEqual(["IMAGE_SOURCE_ALTERED", expect.stringContaining(release.ownLayer)]);
    expect(existsSync(join(release.folder, "out.tar"))).toBe(false);
    expect(readdirSync(release.folder).filter((name) => name.startsWith("out.tar"))).toEqual([]);
  });

  it("tells content, size and digest in a dry run as they will be, and writes nothing", async () => {
    const release = generate();
    const before = readdirSync(release.folder);
    const planned = await create(release, { dryRun: true });
    expect(readdirSync(release.folder)).toEqual(before);
    const created = await create(release);
    expect(planned).toEqual({ summary: created.summary, dryRun: true });
    expect(statSync(join(release.folder, "out.tar")).size).toBe(planned.summary.size);
    const json = createdPresenter.schema.parse(createdPresenter.json(planned));
    expect(json).toMatchObject({ kind: "BundleCreated", dryRun: true, size: planned.summary.size, digest: planned.summary.digest });
    expect(createdPresenter.text(planned, createStyle(false))).toMatch(/^would write\n.*vendor\/web:1\.0\.0.*nothing was written$/s);
    expect(createdPresenter.text(created, createStyle(false))).not.toMatch(/would|nothing/);
  });

  it("finds in a dry run what the real one would not find either", async () => {
    const release = generate();
    rmSync(blob(release, JSON.parse(readFileSync(join(release.layout, "images.lock.json"), "utf8"))[0].digest));
    expect((await failure(create(release, { dryRun: true }))).code).toBe("IMAGE_SOURCE_MISSING");
  });

  it("names a blob that the layout lacks, and one that was cut short", async () => {
    const release = generate();
    const path = blob(release, release.ownLayer);
    writeFileSync(path, readFileSync(path).subarray(1));
    expect((await failure(create(release))).message).toContain("its descriptor says 3000");
    renameSync(path, `${path}.away`);
    const problem = await failure(create(release));
    expect([problem.code, problem.message]).toEqual(["IMAGE_SOURCE_MISSING", expect.stringContaining(release.ownLayer)]);
  });

  it("refuses a lock that is missing, not valid, or does not pin an image of the release", async () => {
    const release = generate();
    const lock = join(release.folder, "lock.json");
    expect((await failure(create(release, { lock }))).code).toBe("RELEASE_LOCK_INVALID");
    writeFileSync(lock, "[{}]");
    expect((await failure(create(release, { lock }))).code).toBe("RELEASE_LOCK_INVALID");
    const full: unknown[] = JSON.parse(readFileSync(join(release.layout, "images.lock.json"), "utf8"));
    writeFileSync(lock, JSON.stringify(full.slice(1)));
    expect((await failure(create(release, { lock }))).message).toContain("does not pin web");
    writeFileSync(lock, JSON.stringify([...full, full[0]]));
    expect((await failure(create(release, { lock }))).message).toContain('"web" twice');
    writeFileSync(lock, JSON.stringify(full.map((image) => Object.assign({}, image, { repository: "vendor/all", tag: "1" }))));
    expect((await failure(create(release, { lock }))).message).toContain("gives two images the name vendor/all:1");
  });

  it("refuses a release.yaml that is not valid, and one that names no chart", async () => {
    const release = generate();
    const path = join(release.release, "release.yaml");
    const good = readFileSync(path, "utf8");
    writeFileSync(path, good.replace('">=1.24.0-0"', "newest"));
    expect((await failure(create(release))).code).toBe("RELEASE_INVALID");
    writeFileSync(path, good.replace('schema: { to: "0001" }', 'schema: { from: "0000", to: "0001" }'));
    expect((await failure(create(release))).message).toContain("ends at 0000, but schema.to is 0001");
    writeFileSync(path, `${good}notes: [{ text: Read this., answer: [a] }]\n`);
    expect((await failure(create(release))).message).toContain("answer");
    writeFileSync(path, "a: [");
    expect((await failure(create(release))).code).toBe("RELEASE_INVALID");
    writeFileSync(path, good.replace("name: sample", "name: other"));
    expect((await failure(create(release))).message).toContain('does not describe the chart "other"');
    rmSync(path);
    expect((await failure(create(release))).code).toBe("FILE_UNREADABLE");
  });

  it("says when the place for the bundle cannot be written", async () => {
    const release = generate();
    expect((await failure(create(release, { out: join(release.folder, "no", "such", "out.tar") }))).code).toBe("FILE_UNWRITABLE");
  });
});
