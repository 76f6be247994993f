import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fileChecks } from "../../../src/adapters/node/answer-checks.ts";
import { certificates } from "../../../src/adapters/node/certificates.ts";

const from = new Date("2026-01-01T00:00:00Z");
const at = (days: number) => fileChecks(() => new Date(from.getTime() + days * 86_400_000));
let folder = "";
const path = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "checks-"));
  for (const name of ["one", "other"]) {
    const { certificate, key } = await certificates.selfSigned("migrate.client.example", from, 90);
    await writeFile(path(`${name}.crt`), certificate);
    await writeFile(path(`${name}.key`), key);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a certificate and its key", () => {
  const judge = (cert: string, key: string, host: string | undefined, days = 1) => at(days).certificate(path(cert), path(key), host);

  test("that fit each other and the host are taken", async () => {
    expect(await judge("one.crt", "one.key", "migrate.client.example")).toBeUndefined();
    expect(await judge("one.crt", "one.key", undefined)).toBeUndefined();
  });

  test("that do not fit each other are refused", async () => {
    expect(await judge("one.crt", "other.key", "migrate.client.example")).toContain("does not belong to the certificate");
  });

  test("for another host are refused with the host they are for", async () => {
    expect(await judge("one.crt", "one.key", "other.example")).toContain("not for other.example but for DNS:migrate.client.example");
  });

  test("that have expired or are not valid yet are refused with the day", async () => {
    expect(await judge("one.crt", "one.key", undefined, 91)).toContain("has expired on 2026-04-01");
    expect(await judge("one.crt", "one.key", undefined, -2)).toContain("is not valid before");
  });

  test("swapped, or missing, are refused", async () => {
    expect(await judge("one.key", "one.crt", undefined)).toContain("holds no certificate");
    expect(await judge("one.crt", "one.crt", undefined)).toContain("holds no private key");
    expect(await judge("one.crt", "none.key", undefined)).toContain("does not exist");
  });
});

test("a file that cannot be read is told why", async () => {
  expect(await at(0).readable(path("one.crt"))).toBeUndefined();
  expect(await at(0).readable(path("nope"))).toMatch(/does not exist$/);
  expect(await at(0).readable("~/pw")).toBe("~/pw does not exist (only a shell knows ~: write the whole path)");
  expect(await at(0).readable(folder)).toContain("cannot be read (EISDIR)");
});
