import { describe, expect, test } from "vitest";
import { draftAnswers } from "../../../src/domain/answers/draft.ts";
import { resolveAnswers } from "../../../src/domain/answers/resolve.ts";
import { writeAnswersFile } from "../../../src/workflow/configure/answers-file.ts";

const flags = {
  registry: "r.example",
  "registry-username": "bot",
  "registry-password-file": "/pw",
  "ingress-host": "a.example",
  profile: "small",
  set: ["worker.concurrency=3"],
};
const written = (given: Record<string, unknown>, text?: string) => {
  const file = text === undefined ? undefined : { path: "m.yaml", text };
  return writeAnswersFile(draftAnswers({ flags: given, environment: {}, file }).tree, "m.yaml", file);
};

describe("a new answers file", () => {
  test("reads back as the same answers", () => {
    const answers = resolveAnswers({ flags, environment: {} });
    expect(resolveAnswers({ flags: {}, environment: {}, file: { path: "m.yaml", text: written(flags) } })).toEqual(answers);
  });

  test("has its keys in one order, whatever order the flags had", () => {
    const reversed = Object.fromEntries(Object.entries(flags).reverse());
    expect(written(reversed)).toBe(written(flags));
  });

  test("explains every answer", () => {
    const lines = written(flags).split("\n");
    for (const key of ["host: r.example", "username: bot", "profile: small"])
      expect(lines[lines.findIndex((line) => line.trim() === key) - 1]?.trim(), key).toMatch(/^# \w+/);
  });
});

describe("writing over an answers file", () => {
  const old =
    "# kept for Acme\nversion: migratectl/v2\n\n# as agreed with Ann\nprofile: small # not larger\nregistry:\n  host: old.example # theirs\n  # robot account\n  username: bot\n  password: { file: /pw } # mode 0400\ningress: { host: a.example }\nvalues:\n  # asked for by Bob\n  worker: { concurrency: 2 }\n";

  test("keeps a person's comments, those beside changed answers too", () => {
    const text = written({ registry: "new.example", profile: "large", set: ["worker.concurrency=3"] }, old);
    for (const comment of [
      "# kept for Acme",
      "# as agreed with Ann",
      "# not larger",
      "# theirs",
      "# robot account",
      "# mode 0400",
      "# asked for by Bob",
    ])
      expect(text).toContain(comment);
    expect(text).toContain("profile: large # not larger");
    expect(text).toContain("host: new.example # theirs");
    expect(text).toContain("concurrency: 3");
  });

  test("with nothing new changes nothing, also the second time", () => {
    const once = written({ "storage-class": "fast" }, old);
    expect(written({}, once)).toBe(once);
    expect(written({ "storage-class": "fast" }, once)).toBe(once);
  });

  test("takes away what belonged to the old kind of certificate, and no empty section stays", () => {
    const text = written(
      { tls: "self-signed" },
      "version: migratectl/v2\ningress:\n  tls:\n    mode: files\n    certFile: c\n    keyFile: k\n",
    );
    expect(text).not.toContain("certFile");
    expect(text).toContain("mode: self-signed");
  });

  test("changes a reference to a secret as a whole", () => {
    const text = written(
      { "registry-password-file": "/new" },
      "version: migratectl/v2\nregistry:\n  host: r.example\n  username: b\n  password:\n    env: OLD\n",
    );
    expect(text).toContain("file: /new");
    expect(text).not.toContain("OLD");
  });

  test("fills in a section that was left empty", () => {
    expect(written({ "storage-class": "fast" }, "version: migratectl/v2\nstorage:\n")).toContain("className: fast");
  });
});
