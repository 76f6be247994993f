import { describe, expect, it } from "vitest";
import { sealer } from "../../../src/adapters/node/sealer.ts";
import { readKit } from "../../../src/domain/recovery/recovery-kit.ts";

describe("a sealed text", () => {
  const key = "a key of the client's: ünd mehr";
  const text = `{"secret":"canary-${"x".repeat(5000)}"}`;

  it("can be read with its key, and shows nothing without", async () => {
    const sealed = await sealer.seal(text, key);
    expect(JSON.stringify(sealed)).not.toContain("canary");
    expect(Buffer.from(sealed.text, "base64").toString("latin1")).not.toContain("canary");
    expect(await sealer.open(sealed, key)).toBe(text);
  });

  it("is another one each time", async () => {
    const [one, other] = [await sealer.seal(text, key), await sealer.seal(text, key)];
    expect(one.text).not.toBe(other.text);
    expect(one.derivation.salt).not.toBe(other.derivation.salt);
  });

  it("is not opened by another key, nor after somebody has altered it", async () => {
    const sealed = await sealer.seal(text, key);
    await expect(sealer.open(sealed, `${key}.`)).rejects.toMatchObject({ code: "KIT_KEY_WRONG" });
    const bytes = Buffer.from(sealed.text, "base64");
    bytes[10] = (bytes[10] ?? 0) ^ 1;
    await expect(sealer.open({ ...sealed, text: bytes.toString("base64") }, key)).rejects.toMatchObject({ code: "KIT_KEY_WRONG" });
    await expect(sealer.open({ ...sealed, tag: Buffer.alloc(4).toString("base64") }, key)).rejects.toMatchObject({ code: "KIT_KEY_WRONG" });
  });

  it("that claims to need more memory than there is reason for is not even tried", async () => {
    const sealed = await sealer.seal(text, key);
    const kit = {
      apiVersion: "migratectl/v1",
      kind: "RecoveryKit",
      createdAt: "2026-11-30T00:00:00.000Z",
      release: { name: "a", namespace: "b", version: "1.0.0" },
      sealed: { ...sealed, derivation: { ...sealed.derivation, n: 2 ** 30 } },
    };
    expect(() => readKit(kit)).toThrow(expect.objectContaining({ code: "KIT_UNREADABLE" }));
    expect(() => readKit("nothing")).toThrow(expect.objectContaining({ code: "KIT_UNREADABLE" }));
  });
});
