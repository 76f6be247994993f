import { describe, expect, it } from "vitest";
import { givenTwice, uploadsIn } from "../../campaign/uploads.ts";

const line = (request: string, status: number) =>
  `10.200.0.1 - - [25/Nov/2026:02:30:00 +0000] "${request} HTTP/1.1" ${status} 0 "" "migratectl"`;
const put = (repository: string, digest: string, status = 201) =>
  line(`PUT /v2/${repository}/blobs/uploads/5b2c?_state=xyz%3D&digest=sha256%3A${digest}`, status);

describe("what a registry's access log tells of content that was pushed twice", () => {
  it("is nothing when each blob and manifest was accepted once, in each repository", () => {
    const log = [
      put("round-1/backend", "aa"),
      put("round-1/frontend", "aa"),
      line("POST /v2/round-1/redis/blobs/uploads/?mount=sha256%3Aaa&from=round-1%2Fbackend", 201),
      line("PUT /v2/round-1/backend/manifests/1.0.0", 201),
      line("HEAD /v2/round-1/backend/blobs/sha256:aa", 200),
    ].join("\n");
    expect(givenTwice(log, "round-1")).toEqual([]);
    expect(uploadsIn(log, "round-1")).toBe(4);
  });

  it("names a blob that was sent after it had been mounted, and a manifest that was stored twice", () => {
    const log = [
      line("POST /v2/round-1/redis/blobs/uploads/?mount=sha256%3Aaa&from=round-1%2Fbackend", 201),
      put("round-1/redis", "aa"),
      line("PUT /v2/round-1/backend/manifests/1.0.0", 201),
      line("PUT /v2/round-1/backend/manifests/1.0.0", 201),
    ].join("\n");
    expect(givenTwice(log, "round-1")).toEqual(["round-1/redis@sha256:aa was pushed 2 times", "round-1/backend:1.0.0 was pushed 2 times"]);
  });

  it("does not count an upload that was cut off, nor those of other rounds", () => {
    const log = [
      put("round-1/backend", "aa", 499),
      put("round-1/backend", "aa"),
      put("round-11/backend", "aa"),
      put("round-11/backend", "aa"),
    ];
    expect(givenTwice(log.join("\n"), "round-1")).toEqual([]);
    expect(uploadsIn(log.join("\n"), "round-1")).toBe(1);
  });
});
