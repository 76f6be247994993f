import { createPrivateKey, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { certificates } from "../../../src/adapters/node/certificates.ts";
import { answersSchema } from "../../../src/domain/answers/answers.ts";
import { tlsSecret } from "../../../src/workflow/secrets/tls-secret.ts";
import { answersInput } from "../install/rig.ts";

const now = new Date("2026-03-01T00:00:00.000Z");
const later = (days: number) => new Date(now.getTime() + days * 86_400_000);
const answers = (host: string) => answersSchema.parse({ ...answersInput, ingress: { host } });
const noFiles = { certificates, sources: { file: async () => undefined, environment: () => undefined } };

describe("the self-signed certificate of the ingress", () => {
  it("is a server certificate for the host, with its key, that X.509 readers accept", async () => {
    const made = await tlsSecret(answers("shop.example"), undefined, noFiles, now);
    const certificate = new X509Certificate(made?.["tls.crt"] ?? "");
    expect(certificate.checkHost("shop.example")).toBe("shop.example");
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(made?.["tls.key"] ?? ""))).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(certificate.validToDate).toEqual(later(397));
  });

  it("is kept until 30 days before its end, then made anew", async () => {
    const made = await tlsSecret(answers("shop.example"), undefined, noFiles, now);
    expect(await tlsSecret(answers("shop.example"), made, noFiles, later(366))).toBeUndefined();
    expect((await tlsSecret(answers("shop.example"), made, noFiles, later(368)))?.["tls.crt"]).not.toBe(made?.["tls.crt"]);
  });

  it("is made anew for another host, and where the key is missing or the content is none", async () => {
    const made = await tlsSecret(answers("shop.example"), undefined, noFiles, now);
    expect(await tlsSecret(answers("other.example"), made, noFiles, now)).toBeDefined();
    expect(await tlsSecret(answers("shop.example"), { "tls.crt": made?.["tls.crt"] ?? "" }, noFiles, now)).toBeDefined();
    expect(await tlsSecret(answers("shop.example"), { "tls.crt": "nonsense", "tls.key": "nonsense" }, noFiles, now)).toBeDefined();
  });
});

describe("a certificate from files", () => {
  const tls = { mode: "files", certFile: "/tls.crt", keyFile: "/tls.key" } as const;
  const given = answersSchema.parse({ ...answersInput, ingress: { host: "shop.example", tls } });

  it("is taken as it is", async () => {
    const sources = { file: async (path: string) => `content of ${path}`, environment: () => undefined };
    expect(await tlsSecret(given, undefined, { certificates, sources }, now)).toEqual({
      "tls.crt": "content of /tls.crt",
      "tls.key": "content of /tls.key",
    });
  });

  it("that is missing is told by its path", async () => {
    await expect(tlsSecret(given, undefined, noFiles, now)).rejects.toMatchObject({
      code: "FILE_UNREADABLE",
      message: expect.stringContaining("/tls.crt"),
    });
  });
});
