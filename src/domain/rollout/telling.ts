import { assertNever } from "../assert-never.ts";
import { nanosPerUnit, parseQuantity } from "../capacity/quantity.ts";
import type { Cause } from "./cause.ts";

/** One sentence on what is wrong, without a full stop. */
export function whatOf(cause: Cause, lines: readonly string[]): string {
  switch (cause.kind) {
    case "image-pull":
      return `${pullWhat[cause.problem]}: ${shortImage(cause.image)}${cause.problem === "other" ? ` (${oneLine(cause.message)})` : ""}`;
    case "scheduling":
      return schedulingWhat(cause);
    case "volume":
      return volumeWhat(cause);
    case "config-missing":
      return cause.key === undefined
        ? `${cause.object} "${cause.name}" does not exist`
        : `${cause.object} "${cause.name}" has no key "${cause.key}"`;
    case "crash":
      return crashWhat(cause, lines);
    case "start-refused":
      return `the node cannot start container ${cause.container}: ${oneLine(withoutLayers(cause.message))}`;
    case "probe":
      return `the ${cause.probe} probe of ${cause.container} fails${cause.message === "" ? "" : `: ${oneLine(cause.message)}`}${cause.restarts > 0 ? ` (restarted ${times(cause.restarts)})` : ""}`;
    case "init-waiting":
      return `init container ${cause.container} has run for ${cause.seconds} s and not ended`;
    case "refused":
      return `${refusal(cause)}: ${oneLine(cause.message.replace(/^pods "[^"]*" is forbidden: /, ""), longestRefusal)}`;
    case "job-failed":
      return `the job gave up (${cause.reason})${cause.exitCode === undefined ? "" : `, exit code ${cause.exitCode}`}${tail(lines) || `: ${oneLine(cause.message)}`}`;
    case "node-lost":
      return `node ${cause.node} is not ready${cause.message === "" ? "" : `: ${oneLine(cause.message)}`}`;
    case "evicted":
      return `the node gave the pod up (${cause.reason}): ${oneLine(cause.message)}`;
    case "waiting-for":
      return `waits for ${cause.components.join(", ")}`;
    case "progressing":
      return cause.doing;
    default:
      return assertNever(cause);
  }
}

const pullWhat = {
  "not-found": "the registry does not have the image",
  unauthorized: "the registry does not accept the node's credentials for the image",
  untrusted: "the node does not trust the registry's certificate, so it cannot pull the image",
  "wrong-platform": "the image has no variant for the node's architecture",
  unreachable: "the node cannot reach the registry to pull the image",
  other: "the image cannot be pulled",
} as const;

const refusedWhat = {
  quota: "the namespace's ResourceQuota leaves no room for the pods",
  "limit-range": "the namespace's LimitRange refuses the pods",
  "pod-security": "the namespace's pod security level refuses the pods",
  webhook: "an admission webhook refuses the pods",
  "service-account": "the pods' ServiceAccount does not exist",
  rights: "the controller lacks a right",
  other: "the API server refuses the pods",
} as const;

/** Pod security names every field that is wrong, and all of them have to be seen. */
const longestRefusal = 1_000;

function refusal({ by, message }: Extract<Cause, { kind: "refused" }>): string {
  return by === "webhook" && /failed calling webhook/.test(message)
    ? "an admission webhook that does not answer keeps the pods from being made"
    : refusedWhat[by];
}

function schedulingWhat(cause: Extract<Cause, { kind: "scheduling" }>): string {
  const asked = Object.entries(cause.requests).map(([name, text]) => amount(name, text));
  const wanted = Object.entries(cause.nodeSelector).map(([key, value]) => `${key}=${value}`);
  const pod = [
    "no node takes the pod",
    ...(asked.length === 0 ? [] : [`which asks for ${asked.join(" and ")}`]),
    ...(wanted.length === 0 ? [] : [`which wants a node labelled ${wanted.join(", ")}`]),
  ].join(", ");
  const reasons = cause.turndowns.map((one) => (one.nodes === 0 ? one.reason : `${one.nodes} of ${cause.nodes}: ${one.reason}`));
  if (reasons.length === 0) return `${pod}: ${oneLine(cause.message)}`;
  return `${pod} (${reasons.join("; ")})${cause.taints.length > 0 ? `; taints: ${cause.taints.join(", ")}` : ""}`;
}

function volumeWhat(cause: Extract<Cause, { kind: "volume" }>): string {
  const storageClass = cause.storageClass ?? "";
  switch (cause.problem) {
    case "class-missing":
      return `claim ${cause.claim} wants StorageClass "${storageClass}", which does not exist`;
    case "no-default-class":
      return `claim ${cause.claim} names no StorageClass and the cluster has no default one`;
    case "provisioner-silent":
      return `claim ${cause.claim} is not bound: nothing answers for StorageClass "${storageClass}"${cause.provisioner === undefined ? "" : ` (provisioner ${cause.provisioner})`}`;
    case "provisioning-failed":
      return `claim ${cause.claim} cannot be provisioned: ${oneLine(cause.message)}`;
    case "claim-missing":
      return `claim ${cause.claim} does not exist`;
    case "claim-lost":
      return `the volume behind claim ${cause.claim} is gone`;
    case "mount-failed":
      return `volume ${cause.claim} cannot be mounted: ${oneLine(cause.message)}`;
    default:
      return assertNever(cause.problem);
  }
}

function crashWhat(cause: Extract<Cause, { kind: "crash" }>, lines: readonly string[]): string {
  const subject = `${cause.init ? "init container" : "container"} ${cause.container}`;
  const how = cause.outOfMemory
    ? `was killed for want of memory (OOMKilled)${cause.memoryLimit === undefined ? "" : ` at its limit of ${cause.memoryLimit}`}`
    : cause.signal !== undefined && cause.signal > 0
      ? `ended by signal ${cause.signal}`
      : `ended with exit code ${cause.exitCode}`;
  const restarts = cause.restarts > 0 ? `, restarted ${times(cause.restarts)}` : "";
  return `${subject} ${how}${restarts}${tail(lines) || (cause.message === "" ? "" : `: ${oneLine(cause.message)}`)}`;
}

function tail(lines: readonly string[]): string {
  const last = lines.findLast((line) => line.trim() !== "");
  return last === undefined ? "" : `: ${oneLine(last)}`;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

/** The image as a person names it: without the digest when there is a tag, which stays. */
function shortImage(image: string): string {
  const [name = image, digest] = image.split("@");
  return digest === undefined || name.lastIndexOf(":") > name.lastIndexOf("/") ? name : `${name}@${digest.slice(0, 19)}…`;
}

/** `64 GiB` or `2.5 CPU` from a quantity. */
function amount(resource: string, text: string): string {
  const value = Number(parseQuantity(text) ?? 0n) / Number(nanosPerUnit);
  if (resource === "cpu") return `${round(value)} CPU`;
  if (resource !== "memory" && resource !== "ephemeral-storage") return `${text} ${resource}`;
  return value >= gibi ? `${round(value / gibi)} GiB of ${resource}` : `${round((value / gibi) * 1024)} MiB of ${resource}`;
}

const gibi = 2 ** 30;

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** What the last of the runtime's layers said: each puts its own words before those of the one below. */
function withoutLayers(message: string): string {
  return message
    .replace(/^.*(?:unable to start container process|failed to create shim task|failed to create containerd task): /s, "")
    .replace(/: unknown$/, "");
}

/** Kubernetes' messages carry line ends and their own tail of repetition; one line of at most so many characters is kept. */
function oneLine(text: string, longest = 300): string {
  const flat = text.replace(/\s+/g, " ").trim();
  return flat.length > longest ? `${flat.slice(0, longest - 3)}...` : flat;
}
