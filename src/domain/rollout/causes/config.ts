import type { Sighting } from "../cause.ts";
import type { ClusterEvent, Container, Pod } from "../workload.ts";

/** The Secret or ConfigMap (or key of one) that the pod needs and that is not there, or undefined. */
export function configMissing(pod: Pod, container: Container, events: readonly ClusterEvent[]): Sighting | undefined {
  const { phase } = container;
  if (phase.kind !== "waiting") return undefined;
  if (phase.reason === "CreateContainerConfigError") {
    const missing = missingObject(phase.message, pod);
    const cause: Sighting["cause"] = missing ?? { kind: "start-refused", container: container.name, message: phase.message };
    const tried = events.findLast((one) => one.reason === "Failed" && one.message.includes(phase.message));
    return { cause, object: `Pod/${pod.name}`, reason: phase.reason, ...(tried === undefined ? {} : { since: tried.at }) };
  }
  if (phase.reason !== "ContainerCreating" && phase.reason !== "PodInitializing") return undefined;
  const event = events.findLast(
    (one) => one.reason === "FailedMount" && one.object.name === pod.name && missingObject(one.message, pod) !== undefined,
  );
  const cause = event === undefined ? undefined : missingObject(event.message, pod);
  return event === undefined || cause === undefined
    ? undefined
    : { cause, object: `Pod/${pod.name}`, reason: event.reason, since: event.at };
}

/** The missing object that the kubelet's message names, or undefined. */
function missingObject(
  message: string,
  pod: Pick<Pod, "configVolumes">,
): Extract<Sighting["cause"], { kind: "config-missing" }> | undefined {
  const absent = /(secret|configmap) "([^"]+)" not found/i.exec(message);
  if (absent?.[1] !== undefined && absent[2] !== undefined) {
    return { kind: "config-missing", object: kindOf(absent[1]), name: absent[2], message };
  }
  const key = /couldn't find key (\S+) in (Secret|ConfigMap) [^/\s]+\/(\S+)/i.exec(message);
  if (key?.[1] !== undefined && key[2] !== undefined && key[3] !== undefined) {
    return { kind: "config-missing", object: kindOf(key[2]), name: key[3], key: key[1], message };
  }
  const projected = /volume "([^"]+)".*references non-existent (secret|config) key: (\S+)/i.exec(message);
  // The kubelet names the volume; the pod knows what it is made of.
  const source = pod.configVolumes.find((one) => one.volume === projected?.[1]);
  if (source === undefined || projected?.[3] === undefined) return undefined;
  return { kind: "config-missing", object: source.object, name: source.name, key: projected[3], message };
}

function kindOf(word: string): "Secret" | "ConfigMap" {
  return /^secret$/i.test(word) ? "Secret" : "ConfigMap";
}
