import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse, parseDocument, stringify } from "yaml";
import { z } from "zod";
import { answersVersion } from "../../../src/domain/answers/answers.ts";
import { readDocument } from "../../../src/domain/answers/document.ts";
import { currentPath, migrateDocument, migrations } from "../../../src/domain/answers/migrations/migrate.ts";
import { migrationLines } from "../../../src/domain/answers/migrations/told.ts";
import { resolveAnswers } from "../../../src/domain/answers/resolve.ts";
import { isTree, type Tree, valueAt, withoutValue, withValue } from "../../../src/domain/answers/tree.ts";
import { writeAnswersFile } from "../../../src/workflow/configure/answers-file.ts";
import { problemOf } from "../../fakes/problem-of.ts";
import { seeded, seedOfRun } from "../capacity/seeded.ts";

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/answers/${name}`, import.meta.url), "utf8");
const text = fixture("v1.yaml");
const v1Schema = z.fromJSONSchema(JSON.parse(fixture("v1.schema.json")));
const file = (content: string) => ({ path: "m.yaml", text: content });

function migrated(content: string) {
  const document = parseDocument(content);
  const what = migrateDocument(document);
  return { what, text: document.toString({ lineWidth: 0 }), tree: document.toJS() as Tree };
}

/** The file as `configure` writes it. */
function rewritten(content: string): string {
  return writeAnswersFile(readDocument(file(content)).tree, "m.yaml", file(content));
}

test("the migrations are one chain that ends at the version that is written", () => {
  expect(migrations.map(({ to }) => to)).toEqual([...migrations.slice(1).map(({ from }) => from), answersVersion]);
});

describe("answers of version 1", () => {
  test("are read as those of version 2, with the lines of the file", () => {
    const { tree, place } = readDocument(file(text));
    expect(valueAt(tree, ["backup"])).toEqual({ full: "0 2 * * 6", retentionDays: 30, repository: { size: "500Gi" } });
    expect(tree["storage"]).toEqual({ postgres: "300Gi" });
    expect(place(["backup", "repository", "size"])).toBe("m.yaml:15");
    expect(resolveAnswers({ flags: {}, environment: {}, file: file(text) }).backup.timeZone).toBe("Etc/UTC");
  });

  test("tell what was moved, what went and why, and what is new", () => {
    const { migrated: what } = readDocument(file(text));
    expect(what === undefined ? [] : migrationLines(what, "m.yaml")).toEqual([
      "m.yaml: version migratectl/v1, read as migratectl/v2",
      "storage.backup is now backup.repository.size",
      "backup.retentionFull is gone: backup.retentionDays beside it decides alone what is kept; its value had no effect and goes",
      "backup.timeZone is new: Etc/UTC (--backup-time-zone)",
    ]);
  });

  test("say nothing of what they do not hold", () => {
    const what = migrated("version: migratectl/v1\nbackup: { retentionFull: 2, timeZone: Europe/Berlin }\n").what;
    expect(what).toEqual({ from: "migratectl/v1", moved: [], removed: [], added: [] });
  });

  test("keep their comments where configure writes them as version 2", () => {
    const written = rewritten(text);
    const comments = [...text.matchAll(/# .*$/gm)].map(([comment]) => comment);
    expect(comments.length).toBeGreaterThan(10);
    // What was said of the answer that is gone goes with it.
    for (const comment of comments.filter((one) => one !== "# four Saturdays")) expect(written).toContain(comment);
    const lines = written.split("\n").map((line) => line.trim());
    expect(lines[lines.indexOf("size: 500Gi # not larger") - 1]).toBe("# as agreed with the storage team");
    expect(lines[lines.indexOf("postgres: 300Gi") - 1]).toBe("# since March");
    expect(lines[lines.indexOf("retentionDays: 30") - 1]).toBe("# what the auditors want");
    expect(lines).toContain("version: migratectl/v2 # as Ann wrote it");
  });

  test("keep the comments of a section that is left empty, and no empty section", () => {
    const { text: written, tree } = migrated("version: migratectl/v1\n# volumes\nstorage:\n  # half\n  backup: 500Gi\n  # no more\n");
    for (const comment of ["# volumes", "# half", "# no more"]) expect(written).toContain(comment);
    expect(tree).toEqual({ version: answersVersion, backup: { repository: { size: "500Gi" } } });
  });

  test("may have aliases, and an anchor at what is moved", () => {
    const { tree } = migrated("version: migratectl/v1\nstorage:\n  backup: &size 300Gi\n  postgres: *size\n  redis: 10Gi\n");
    expect(tree).toMatchObject({ storage: { postgres: "300Gi", redis: "10Gi" }, backup: { repository: { size: "300Gi" } } });
  });

  test("that are wrong are refused for what is wrong, never quoting a value", async () => {
    const problem = await problemOf(() =>
      resolveAnswers({
        flags: {},
        environment: {},
        file: file("version: migratectl/v1\nstorage: { backup: canary-7f3a }\nbackup: { retentionFull: 0 }\n"),
      }),
    );
    expect(problem.code).toBe("ANSWERS_INVALID");
    expect(problem.message).toMatch(/m\.yaml:2: backup\.repository\.size: must be a size/);
    expect(problem.message).not.toContain("canary");
  });

  test("stay as they are where something stands in the way, and that is told", async () => {
    const problem = await problemOf(() =>
      resolveAnswers({ flags: {}, environment: {}, file: file("version: migratectl/v1\nstorage: { backup: 1Gi }\nbackup: 3\n") }),
    );
    expect(problem.message).toContain('there is no key "storage.backup"; it belongs at backup.repository.size');
  });
});

describe("a key of version 1 in answers of version 2", () => {
  test("is refused with the place where it belongs", async () => {
    const problem = await problemOf(() =>
      resolveAnswers({ flags: {}, environment: {}, file: file("version: migratectl/v2\nstorage: { backup: 1Gi }\n") }),
    );
    expect(problem.code).toBe("ANSWERS_KEY_UNKNOWN");
    expect(problem.fix).toBe("Write backup.repository.size instead.");
  });

  test("that a bundle names is the one of now", () => {
    expect(currentPath("storage.backup")).toBe("backup.repository.size");
    expect(currentPath("llm.baseUrl")).toBe("llm.baseUrl");
  });
});

/** Values that version 1 took, by path; every answer of its schema is among them. */
const candidates: Readonly<Record<string, readonly unknown[]>> = {
  "cluster.context": ["prod"],
  "cluster.kubeVersion": ["1.34.4"],
  "release.name": ["shop"],
  "release.namespace": ["shop"],
  "release.createNamespace": [true, false],
  profile: ["trial", "small", "large"],
  scope: ["cluster", "namespace"],
  "registry.username": ["bot"],
  "registry.password": [{ env: "PW" }, { file: "/pw" }],
  "registry.caFile": ["ca.pem"],
  "registry.plainHttp": [true, false],
  "registry.pullSecret": ["theirs"],
  "storage.className": ["fast"],
  "storage.postgres": ["300Gi"],
  "storage.backup": ["500Gi", "1Ti"],
  "storage.redis": ["20Gi"],
  "ingress.enabled": [true, false],
  "ingress.kind": ["ingress", "gateway"],
  "ingress.className": ["nginx"],
  "ingress.controllerNamespace": ["edge"],
  "ingress.tls": [{ mode: "self-signed" }, { mode: "files", certFile: "c", keyFile: "k" }],
  "postgres.replicas": [0, 2],
  "redis.sentinel": [true, false],
  "llm.baseUrl": ["https://llm.example/v1"],
  "llm.apiKey": [{ env: "KEY" }],
  "llm.egressCidrs": [[], ["203.0.113.0/24"]],
  "features.networkPolicies": [true, false],
  "features.keda": ["auto", "on"],
  "features.serviceMonitor": ["auto", "off"],
  "features.agentPool": [true, false],
  "backup.full": ["0 1 * * 0"],
  "backup.incremental": ["0 1 * * 1-6"],
  "backup.dailyType": ["diff", "incr"],
  "backup.retentionFull": [1, 9],
  "backup.retentionDays": [7, 30],
  "backup.encryption": ["aes-256-cbc", "none"],
  "backup.encryptionKey": [{ file: "key" }],
  "backup.repository.kind": ["claim"],
  "backup.repository.storageClass": ["nfs"],
  "backup.repository.endpoint": ["s3.example:9000"],
  "backup.repository.bucket": ["b"],
  "backup.repository.region": ["eu-1"],
  "backup.repository.uriStyle": ["host", "path"],
  "backup.repository.path": ["/shop"],
  "backup.repository.caFile": ["s3.pem"],
  "backup.repository.account": ["a"],
  "backup.repository.credential": [{ file: "cred" }],
  "backup.repository.egressCidrs": [["203.0.113.0/24"]],
  values: [{ worker: { concurrency: 3 } }],
};

/** A valid document of version 1: some answers in some order, as block or flow, with comments or without. */
function someDocument(random: () => number): { readonly text: string; readonly tree: Tree } {
  const paths = Object.keys(candidates).filter(() => random() < 0.5);
  const order = [...paths, "version", "registry.host", "ingress.host"].map((path) => [random(), path] as const).sort(([a], [b]) => a - b);
  const tree = order.reduce<Tree>((sum, [, path]) => {
    const choices = candidates[path] ?? [{ version: "migratectl/v1", "registry.host": "r.example", "ingress.host": "a.example" }[path]];
    return withValue(sum, path.split("."), choices[Math.floor(random() * choices.length)]);
  }, {});
  if (random() < 0.3) return { tree, text: JSON.stringify(tree) };
  const lines = stringify(tree, { collectionStyle: random() < 0.2 ? "flow" : "any" }).split("\n");
  const commented = lines.flatMap((line, index) => {
    const isKey = /^\s*\w+:/.test(line);
    return isKey && random() < 0.3 ? [`${/^\s*/.exec(line)?.[0]}# note ${index} of ${/\w+/.exec(line)?.[0]}`, line] : [line];
  });
  return { tree, text: commented.join("\n") };
}

test("any answers of version 1 are answers of version 2 that say the same; again changes nothing", () => {
  const seed = seedOfRun();
  console.info(`seed ${seed}`);
  const random = seeded(seed);
  const seen = { comments: 0, moved: 0, removed: 0 };
  for (let run = 0; run < 120; run += 1) {
    const { text: before, tree } = someDocument(random);
    const about = `seed ${seed}, run ${run}:\n${before}`;
    expect(v1Schema.safeParse(tree).success, about).toBe(true);
    const { what, text: after, tree: now } = migrated(before);
    expect(
      () => resolveAnswers({ flags: { "registry-username": "bot", "registry-password-file": "/pw" }, environment: {}, file: file(before) }),
      about,
    ).not.toThrow();
    expect(now, about).toEqual(sameInV2(tree));
    for (const [comment, key] of before.matchAll(/# note \d+ of (\w+)/g)) {
      if (key !== "retentionFull") expect(after, about).toContain(comment);
      seen.comments += 1;
    }
    expect(migrated(after), about).toEqual({ what: undefined, text: after, tree: now });
    const written = rewritten(before);
    expect(parse(written), about).toEqual(now);
    expect(rewritten(written), about).toBe(written);
    seen.moved += what?.moved.length ?? 0;
    seen.removed += what?.removed.length ?? 0;
  }
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(10);
}, 60_000);

test("the documents of that test have every answer of version 1 among them", () => {
  const paths = (schema: unknown, prefix: readonly string[]): readonly string[] => {
    const { properties } = Object(schema) as { properties?: Tree };
    if (!isTree(properties) || prefix.join(".") in candidates) return [prefix.join(".")];
    return Object.entries(properties).flatMap(([key, below]) => paths(below, [...prefix, key]));
  };
  const all = paths(JSON.parse(fixture("v1.schema.json")), []);
  expect(new Set([...Object.keys(candidates), "version", "registry.host", "ingress.host"])).toEqual(new Set(all));
});

/** What version 2 makes of these, written down a second time. */
function sameInV2(v1: Tree): Tree {
  const size = valueAt(v1, ["storage", "backup"]);
  const both = valueAt(v1, ["backup", "retentionDays"]) !== undefined;
  const rest = [["storage", "backup"], ...(both ? [["backup", "retentionFull"]] : [])].reduce(withoutValue, v1);
  const whole = Object.keys(Object(rest["storage"])).length === 0 ? withoutValue(rest, ["storage"]) : rest;
  const sized = size === undefined ? whole : withValue(whole, ["backup", "repository", "size"], size);
  return { ...sized, version: "migratectl/v2" };
}
