import type { Draft } from "./draft.ts";
import { type Field, type FieldPath, fieldAt } from "./fields.ts";
import { valueAt } from "./tree.ts";

/** When an answer without a default must be there. */
const required: readonly { readonly path: FieldPath; readonly when: (at: (path: FieldPath) => unknown) => boolean }[] = [
  { path: "registry.host", when: () => true },
  { path: "registry.password", when: (at) => at("registry.username") !== undefined },
  { path: "registry.username", when: (at) => at("registry.password") !== undefined },
  { path: "ingress.host", when: (at) => at("ingress.enabled") !== false },
  { path: "ingress.tls.certFile", when: (at) => at("ingress.tls.mode") === "files" },
  { path: "ingress.tls.keyFile", when: (at) => at("ingress.tls.mode") === "files" },
  { path: "ingress.tls.secretName", when: (at) => at("ingress.tls.mode") === "secret" },
  { path: "ingress.tls.issuer", when: (at) => at("ingress.tls.mode") === "cert-manager" },
];

/** The answers that must be given and are not, in the order in which they are asked. */
export function missingFields(draft: Draft): readonly Field[] {
  const at = (path: FieldPath) => valueAt(draft.tree, path.split("."));
  return required.filter(({ path, when }) => at(path) === undefined && when(at)).map(({ path }) => fieldAt(path));
}
