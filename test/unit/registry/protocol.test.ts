import { describe, expect, it } from "vitest";
import { parseChallenge } from "../../../src/adapters/registry/challenge.ts";
import { resolveLocation, withDigest } from "../../../src/adapters/registry/location.ts";
import { refusal, retryAfterMs } from "../../../src/adapters/registry/refusal.ts";
import { Transient } from "../../../src/adapters/registry/retry.ts";
import { Problem } from "../../../src/domain/errors/problem.ts";

const base = new URL("https://registry.example:5000/v2/");

describe("the Location of an upload", () => {
  it.each([
    ["/v2/a/blobs/uploads/1?_state=x%2Fy", "https://registry.example:5000/v2/a/blobs/uploads/1?_state=x%2Fy"],
    ["https://registry.example:5000/other/1", "https://registry.example:5000/other/1"],
    ["http://registry.example/v2/a?x=1", "https://registry.example:5000/v2/a?x=1"],
  ])("%s goes on at %s", (location, url) => {
    expect(resolveLocation(location, base).href).toBe(url);
  });

  it.each([
    "https://evil.example/v2/a",
    "https://registry.example:6000/v2/a",
    "http://evil.example/v2/a",
    "//evil.example/x",
    "https://registry.example.evil.example:5000/x",
  ])("%s is refused", (location) => {
    expect(() => resolveLocation(location, base)).toThrow(expect.objectContaining({ code: "REGISTRY_LOCATION_REFUSED" }));
  });

  it.each([undefined, "", "ftp://registry.example:5000/x"])("%j is no registry's", (location) => {
    expect(() => resolveLocation(location, base)).toThrow(expect.objectContaining({ code: "REGISTRY_NOT_A_REGISTRY" }));
  });

  it("keeps its query byte for byte when the digest is added", () => {
    expect(withDigest(new URL("https://r.example/u?_state=a%2Fb%3D&x=1+2"), "sha256:ab").href).toBe(
      "https://r.example/u?_state=a%2Fb%3D&x=1+2&digest=sha256%3Aab",
    );
    expect(withDigest(new URL("https://r.example/u"), "sha256:ab").href).toBe("https://r.example/u?digest=sha256%3Aab");
  });
});

describe("a challenge", () => {
  it("of tokens is read with realm, service and scope", () => {
    expect(parseChallenge('Bearer realm="https://auth.example/token",service="r.example",scope="repository:a/b:pull,push"')).toEqual({
      scheme: "bearer",
      realm: "https://auth.example/token",
      service: "r.example",
      scope: "repository:a/b:pull,push",
    });
  });

  it("prefers tokens where both are offered", () => {
    expect(parseChallenge('Basic realm="x", Bearer realm="https://auth.example/token"')).toMatchObject({ scheme: "bearer" });
  });

  it.each(['Basic realm="x"', "basic"])("%s asks for a password", (header) => {
    expect(parseChallenge(header)).toEqual({ scheme: "basic" });
  });

  it.each([undefined, "Negotiate", 'Bearer service="x"'])("%j is not understood", (header) => {
    expect(parseChallenge(header)).toBeUndefined();
  });
});

describe("a refusal", () => {
  const said = (status: number, code: string, message = "", detail?: unknown) =>
    refusal({ status, text: JSON.stringify({ errors: [{ code, message, detail }] }), doing: "testing", host: "r.example" });

  it.each([
    [401, "UNAUTHORIZED", "REGISTRY_UNAUTHORIZED"],
    [403, "DENIED", "REGISTRY_DENIED"],
    [401, "DENIED", "REGISTRY_DENIED"],
    [404, "NAME_UNKNOWN", "REGISTRY_NAME_REFUSED"],
    [400, "NAME_INVALID", "REGISTRY_NAME_REFUSED"],
    [400, "DIGEST_INVALID", "REGISTRY_CORRUPTED"],
    [400, "MANIFEST_INVALID", "REGISTRY_REFUSED"],
    [507, "", "REGISTRY_QUOTA"],
  ])("%i %s becomes %s", (status, code, expected) => {
    expect(said(status, code)).toMatchObject({ code: expected });
  });

  it("of a full disk is told as such although it comes as a 500", () => {
    expect(said(500, "UNKNOWN", "unknown error", { Err: { Err: 28, Path: "write /data: no space left on device" } })).toMatchObject({
      code: "REGISTRY_QUOTA",
    });
  });

  it.each([
    "adding 29.0 MiB of storage resource, which when updated to current usage of 152.4 MiB will exceed the configured upper limit of 10.0 MiB.",
    "Quota has been exceeded on namespace",
    "quota exceeded",
    "the project is over its storage quota",
    "exceeds your plan's storage quota",
    "write /var/lib/registry: disk quota exceeded",
  ])("of a registry without room is told as such: %s", (message) => {
    expect(said(403, "DENIED", message)).toMatchObject({ code: "REGISTRY_QUOTA" });
  });

  it.each([
    [404, "NAME_UNKNOWN", "repository name team/quota-service not known to registry", "REGISTRY_NAME_REFUSED"],
    [403, "DENIED", "access to quota/exceeded is denied", "REGISTRY_DENIED"],
    [403, "DENIED", "requested access to repository:tools/quota:pull,push was refused: rate exceeded", "REGISTRY_DENIED"],
  ])("of a repository that is called quota is not taken for a lack of room: %i %s %s", (status, code, message, expected) => {
    expect(said(status, code, message)).toMatchObject({ code: expected });
  });

  it("of an overloaded registry with such a repository may pass by itself", () => {
    expect(said(503, "UNAVAILABLE", "upstream of team/quota timed out")).toBeInstanceOf(Transient);
  });

  it.each([429, 500, 502, 503, 504])("%i may pass by itself", (status) => {
    const error = said(status, "");
    expect(error).toBeInstanceOf(Transient);
    expect(error instanceof Transient && error.problem.code).toBe("REGISTRY_UNAVAILABLE");
  });

  it("in HTML tells the page's title, not its tags", () => {
    const error = refusal({
      status: 403,
      text: "<html><head><title>Blocked by policy</title></head><body>…</body></html>",
      doing: "testing",
      host: "r.example",
    });
    expect(error instanceof Problem && error.message).toBe("r.example answered 403 while testing: Blocked by policy");
  });
});

describe("Retry-After", () => {
  const now = Date.parse("2026-11-23T10:00:00Z");
  it.each([
    ["7", 7000],
    ["Mon, 23 Nov 2026 10:00:30 GMT", 30_000],
    ["Mon, 23 Nov 2026 09:00:00 GMT", 0],
    ["soon", undefined],
    [undefined, undefined],
  ])("%j is %j ms", (header, wanted) => {
    expect(retryAfterMs(header, now)).toBe(wanted);
  });
});
