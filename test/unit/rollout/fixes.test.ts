import { describe, expect, it } from "vitest";
import type { Cause } from "../../../src/domain/rollout/cause.ts";
import { fixFor } from "../../../src/domain/rollout/fixes.ts";

const fix = (cause: Cause, object = "Pod/backend-1") => fixFor({ cause, object, reason: "" }, "client-acme", []);
const volume = (problem: Extract<Cause, { kind: "volume" }>["problem"]) =>
  fix({ kind: "volume", problem, claim: "data-postgres-0", message: "" });

describe("what to do", () => {
  it("names every step that another storage class takes, since a claim keeps its class and uninstall keeps the claim", () => {
    for (const problem of ["class-missing", "no-default-class", "provisioner-silent"] as const)
      expect(volume(problem)).toMatch(
        /migratectl uninstall; kubectl -n client-acme delete pvc data-postgres-0 .*; migratectl install --storage-class NAME$/,
      );
  });

  it("warns of making a Secret anew under data that exists, and shows no value of it", () => {
    const missing = { kind: "config-missing", object: "Secret", name: "app-secrets", message: "" } as const;
    expect(fix(missing)).toMatch(/would not fit the data.*kubectl -n client-acme get secret app-secrets$/);
    expect(fix({ ...missing, key: "jwt-secret" })).toMatch(/kubectl -n client-acme describe secret app-secrets$/);
    expect(fix(missing)).not.toMatch(/-o (json|yaml)/);
  });

  it("brings back what the chart made and somebody deleted, by the installation with the same flags", () => {
    const back = /^Install again with the same flags.*: migratectl install -n client-acme$/;
    expect(fix({ kind: "config-missing", object: "ConfigMap", name: "tenants", message: "" })).toMatch(back);
    expect(fix({ kind: "refused", by: "service-account", message: "" }, "Deployment/backend")).toMatch(back);
    expect(volume("claim-missing")).toMatch(back);
  });

  it("is in the namespace of the release, wherever it is a command on objects of one", () => {
    const refused = (by: Extract<Cause, { kind: "refused" }>["by"]) => fix({ kind: "refused", by, message: "" }, "Deployment/backend");
    for (const by of ["quota", "limit-range", "rights", "other"] as const) expect(refused(by)).toContain("kubectl -n client-acme ");
    expect(refused("pod-security")).toContain("kubectl get namespace client-acme --show-labels");
  });
});
