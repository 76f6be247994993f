import { Problem } from "../errors/problem.ts";
import type { Draft } from "./draft.ts";
import { environmentName, type Field, type FieldPath, fieldAt } from "./fields.ts";
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
  { path: "backup.repository.endpoint", when: (at) => at("backup.repository.kind") === "s3" },
  { path: "backup.repository.bucket", when: inBucket },
  { path: "backup.repository.region", when: (at) => at("backup.repository.kind") === "s3" },
  { path: "backup.repository.account", when: (at) => inBucket(at) && at("backup.repository.kind") !== "gcs" },
  { path: "backup.repository.credential", when: inBucket },
  { path: "backup.repository.egressCidrs", when: (at) => inBucket(at) && at("features.networkPolicies") !== false },
];

function inBucket(at: (path: FieldPath) => unknown): boolean {
  return (at("backup.repository.kind") ?? "claim") !== "claim";
}

/** The answers that must be given and are not, in the order in which they are asked. */
export function missingFields(draft: Draft): readonly Field[] {
  const at = (path: FieldPath) => valueAt(draft.tree, path.split("."));
  return required.filter(({ path, when }) => at(path) === undefined && when(at)).map(({ path }) => fieldAt(path));
}

/** Something that a command cannot go on without: an answer, or a flag of its own. */
export interface MissingInput extends Pick<Field, "flag" | "value" | "help"> {
  /** Place in the answers; absent for what is no answer. */
  readonly path?: string;
  /** Environment variable; absent where there is none. */
  readonly variable?: string;
}

/** The one error that names everything that is missing, with its flag and its environment variable. */
export function missingProblem(missing: readonly (MissingInput | Field)[], fix?: string): Problem {
  const inputs = missing.map((one): MissingInput => ("kind" in one ? { ...one, variable: environmentName(one) } : one));
  const flags = inputs.map(({ flag, value }) => `--${flag}${value === "" ? "" : ` ${value}`}`);
  const width = Math.max(0, ...flags.map((flag) => flag.length));
  const lines = inputs.flatMap(({ variable, help }, index) => [
    `  ${(flags[index] ?? "").padEnd(width)}  ${variable ?? ""}`.trimEnd(),
    `      ${help}`,
  ]);
  return new Problem("ANSWERS_MISSING", {
    what: `${inputs.length === 1 ? "1 answer is" : `${inputs.length} answers are`} missing:\n${lines.join("\n")}`,
    ...(fix === undefined ? {} : { fix }),
    data: {
      missing: inputs.map(({ path, flag, variable }) => ({
        ...(path === undefined ? {} : { answer: path }),
        flag: `--${flag}`,
        ...(variable === undefined ? {} : { environment: variable }),
      })),
    },
  });
}
