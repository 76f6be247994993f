import { describe, expect, it } from "vitest";
import { digestOfHex } from "../../../src/domain/digest.ts";
import { Problem } from "../../../src/domain/errors/problem.ts";
import { formatRegistryAddress, parseImageReference, parseRegistryAddress, rewriteReference } from "../../../src/domain/image-reference.ts";

const digest = digestOfHex("a".repeat(64));

describe("the address of a registry", () => {
  it.each([
    ["registry.example.com", { host: "registry.example.com", prefix: "" }],
    ["registry.example.com:5000/team/platform", { host: "registry.example.com:5000", prefix: "team/platform" }],
    ["localhost/x", { host: "localhost", prefix: "x" }],
    ["10.0.0.7:5000", { host: "10.0.0.7:5000", prefix: "" }],
    ["[fd00::1]:5000/x", { host: "[fd00::1]:5000", prefix: "x" }],
    ["REGISTRY.Example.com/x/", { host: "registry.example.com", prefix: "x" }],
  ])("%s is read as host and prefix", (text, address) => {
    expect(parseRegistryAddress(text)).toEqual(address);
  });

  it.each([
    ["https://registry.example.com/x", "Write it without: registry.example.com/x"],
    ["http://registry.example.com", "pass --plain-http"],
    ["registry/team", "registry.example.com"],
    ["registry.example.com/Team", "lower-case"],
    ["registry.example.com/team:1.0", "no tag"],
    ["registry.example.com:99999", "65535"],
    ["registry.example.com//x", "lower-case"],
    ["", "registry.example.com"],
    ["my registry.example.com", "registry.example.com"],
  ])("%j is refused with a way out", (text, fix) => {
    const problem = refused(() => parseRegistryAddress(text));
    expect(problem.code).toBe("REGISTRY_ADDRESS_INVALID");
    expect(problem.fix).toContain(fix);
  });

  it("that carries a password is refused without repeating it", () => {
    const { message, why, fix } = refused(() => parseRegistryAddress("https://joe:hunter2@registry.example.com/x"));
    expect(`${message} ${why} ${fix}`).not.toContain("hunter2");
  });
});

describe("rewriting", () => {
  it("keeps the whole repository, so that images of one name from two places stay two", () => {
    const target = { host: "r.example", prefix: "p" };
    const names = ["a/x", "b/x", "a/b/x", "x"].map((repository) => rewriteReference(target, { repository, tag: "1", digest }).reference);
    expect(new Set(names).size).toBe(4);
    expect(names[0]).toBe(`r.example/p/a/x:1@${digest}`);
  });

  it("refuses a name that registries do not take", () => {
    expect(
      refused(() => rewriteReference({ host: "r.example", prefix: "p".repeat(253) }, { repository: "a/x", tag: "1", digest })).fix,
    ).toContain("shorter");
  });

  const seed = Date.now() % 1_000_000;
  it(`gives references that read back as what went in, and never the same one for two images (seed ${seed})`, () => {
    const random = generator(seed);
    const seen = new Map<string, string>();
    for (let round = 0; round < 2000; round += 1) {
      const target = parseRegistryAddress(`${host(random)}${random() < 0.5 ? "" : `/${path(random)}`}`);
      const image = { repository: path(random), tag: `v${Math.floor(random() * 9)}`, digest };
      const { reference, repository } = rewriteReference(target, image);
      expect(parseImageReference(reference)).toEqual({ host: target.host, repository, tag: image.tag, digest });
      expect(parseRegistryAddress(formatRegistryAddress(target))).toEqual(target);
      const identity = JSON.stringify([
        target.host,
        target.prefix === "" ? image.repository : `${target.prefix}/${image.repository}`,
        image.tag,
      ]);
      expect(seen.get(reference) ?? identity).toBe(identity);
      seen.set(reference, identity);
    }
  });
});

describe("an image reference", () => {
  it.each([
    ["nginx", { host: "docker.io", repository: "library/nginx" }],
    ["nginx:1.27", { host: "docker.io", repository: "library/nginx", tag: "1.27" }],
    ["team/nginx", { host: "docker.io", repository: "team/nginx" }],
    [`r.example:5000/a/b:1@${digest}`, { host: "r.example:5000", repository: "a/b", tag: "1", digest }],
    ["localhost/x", { host: "localhost", repository: "x" }],
  ])("%s is read as container runtimes do", (text, reference) => {
    expect(parseImageReference(text)).toEqual(reference);
  });

  it.each(["", "UPPER/x", "a@sha256:12", "a:b:c", `a@${digest}@${digest}`, "a//b", "a: b"])("%j is none", (text) => {
    expect(parseImageReference(text)).toBeUndefined();
  });
});

function refused(work: () => unknown): Problem {
  try {
    work();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

function generator(start: number): () => number {
  let state = start;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

function word(random: () => number): string {
  const letters = "abcdefghijklmnopqrstuvwxyz0123456789";
  return Array.from({ length: 1 + Math.floor(random() * 4) }, () => letters[Math.floor(random() * letters.length)]).join("");
}

function path(random: () => number): string {
  const separators = [".", "_", "__", "-", "--"];
  const part = () =>
    random() < 0.7 ? word(random) : `${word(random)}${separators[Math.floor(random() * separators.length)]}${word(random)}`;
  return Array.from({ length: 1 + Math.floor(random() * 3) }, part).join("/");
}

function host(random: () => number): string {
  return `${word(random)}.example${random() < 0.5 ? "" : `:${1 + Math.floor(random() * 65_000)}`}`;
}
