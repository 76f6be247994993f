import type { SandboxDocument } from "../document.ts";
import { clientNamespace } from "../node/objects/client.ts";
import { runInside } from "./exec.ts";

/** Makes another namespace that the user of the `namespaced` kubeconfig administers; one that exists gets the right. */
export const makeClientNamespace = async (sandbox: SandboxDocument, name: string): Promise<void> => {
  const list = { apiVersion: "v1", kind: "List", items: clientNamespace(name) };
  await runInside(sandbox, ["kubectl", "apply", "--filename=-"], { input: JSON.stringify(list) });
};
