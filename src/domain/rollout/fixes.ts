import { assertNever } from "../assert-never.ts";
import type { Cause, Sighting } from "./cause.ts";

/** What to do about a cause; a command where there is one. `consequenceOf` names the components to mend first. */
export function fixFor(seen: Sighting, namespace: string, consequenceOf: readonly string[]): string {
  if (consequenceOf.length > 0) return `Nothing here: it follows from ${consequenceOf.join(", ")}.`;
  const { cause, object, log } = seen;
  const pod = object.split("/")[1] ?? "";
  const kubectl = `kubectl -n ${namespace}`;
  const logs = log === undefined ? "" : `${kubectl} logs ${log.pod} -c ${log.container}${log.previous ? " --previous" : ""} --tail=50`;
  switch (cause.kind) {
    case "image-pull":
      return pullFix(cause, kubectl);
    case "scheduling":
      return schedulingFix(cause);
    case "volume":
      return volumeFix(cause, namespace, kubectl);
    case "config-missing":
      return configFix(cause, namespace, kubectl);
    case "crash":
      return cause.outOfMemory
        ? `Give it more memory: a larger --profile, or resources in the values; what it has: ${kubectl} describe pod ${pod}`
        : `Mend what its log names: ${logs}`;
    case "start-refused":
      return startFix(cause, kubectl, pod);
    case "probe":
      return `Its log tells why it does not answer, or that it listens elsewhere than the ${cause.probe} probe asks: ${logs}`;
    case "init-waiting":
      return `See what it waits for: ${logs}`;
    case "refused":
      return refusedFix(cause, namespace, kubectl);
    case "job-failed":
      return jobFix(cause, kubectl, logs);
    case "node-lost":
      return `Bring the node back, or drain it: kubectl describe node ${cause.node}`;
    case "evicted":
      return `Look at the node's pressure (memory, disk): ${kubectl} describe pod ${pod}`;
    case "waiting-for":
    case "progressing":
      return "Wait; nothing is wrong yet.";
    default:
      return assertNever(cause);
  }
}

function pullFix(cause: Extract<Cause, { kind: "image-pull" }>, kubectl: string): string {
  const host = cause.image.split("/")[0] ?? "";
  switch (cause.problem) {
    case "not-found":
      return "Push the release's images again, with the registry of the answers: migratectl bundle push BUNDLE --answers FILE";
    case "unauthorized":
      if (cause.pullSecrets.length === 0)
        return "The pod names no pull secret: run migratectl install again with --registry-username and --registry-password-file.";
      return cause.missingPullSecrets.length > 0
        ? `Pull secret ${cause.missingPullSecrets.join(", ")} is not there; migratectl install with --registry-username and --registry-password-file makes it: ${kubectl} get secrets`
        : `Check the host, user and password behind pull secret ${cause.pullSecrets.join(", ")}, and that the user may read the repository; then run migratectl install again with the right --registry-username and --registry-password-file.`;
    case "untrusted":
      return `Every node must trust the CA of ${host}: with containerd put it into /etc/containerd/certs.d/${host}/ca.crt and name it in the hosts.toml beside it. (A node also says this of an image that is not there, when hosts.toml names the CA for a host only.)`;
    case "wrong-platform":
      return `Make the bundle with the nodes' platform in it, or keep the pods on other nodes: migratectl bundle inspect BUNDLE; kubectl get nodes -L kubernetes.io/arch`;
    case "unreachable":
      return `Check the name of the registry, and the way to it from a node (DNS, firewall, proxy): curl -v https://${host}/v2/`;
    case "other":
      return `Look at the pod's events: ${kubectl} get events --field-selector type=Warning`;
    default:
      return assertNever(cause.problem);
  }
}

function schedulingFix(cause: Extract<Cause, { kind: "scheduling" }>): string {
  if (cause.resources.length > 0)
    return `Add nodes or free ${cause.resources.join(" and ")}, or choose a smaller --profile: kubectl describe nodes | grep -A 8 'Allocated resources'`;
  if (cause.taints.length > 0)
    return "Add a toleration for one of the taints in the values, or untaint a node: kubectl get nodes -o custom-columns=NAME:.metadata.name,TAINTS:.spec.taints";
  const labels = Object.entries(cause.nodeSelector).map(([key, value]) => `${key}=${value}`);
  return labels.length === 0
    ? "Compare the pod's affinity with the nodes' labels: kubectl get nodes --show-labels"
    : `Change the node selector in the values, or label a node that fits: kubectl get nodes --show-labels; kubectl label node NODE ${labels.join(" ")}`;
}

function volumeFix(cause: Extract<Cause, { kind: "volume" }>, namespace: string, kubectl: string): string {
  const otherClass = `A claim keeps its class, so choosing another one takes: migratectl uninstall; ${kubectl} delete pvc ${cause.claim} (it was never bound and holds nothing); migratectl install --storage-class NAME`;
  switch (cause.problem) {
    case "class-missing":
    case "no-default-class":
      return `See which classes there are: kubectl get storageclass. ${otherClass}`;
    case "provisioner-silent":
      return `Start the class's provisioner, or choose a class that has one; what the claim waits for: ${kubectl} describe pvc ${cause.claim}. ${otherClass}`;
    case "claim-missing":
      return broughtBack(namespace);
    case "provisioning-failed":
    case "claim-lost":
      return `Look at the claim and at the provisioner's log: ${kubectl} describe pvc ${cause.claim}`;
    case "mount-failed":
      return `See whether another node still holds the volume: kubectl get volumeattachments; ${kubectl} describe pvc ${cause.claim}`;
    default:
      return assertNever(cause.problem);
  }
}

/** What the chart made and somebody deleted: an installation sees that it is gone. */
function broughtBack(namespace: string): string {
  return `Install again with the same flags, which makes anew what somebody deleted: migratectl install -n ${namespace}`;
}

/** A Secret that is made anew does not fit data that was written under the old one. */
function configFix({ object, name, key }: Extract<Cause, { kind: "config-missing" }>, namespace: string, kubectl: string): string {
  if (object === "ConfigMap") return broughtBack(namespace);
  const look = key === undefined ? `${kubectl} get secret ${name}` : `${kubectl} describe secret ${name}`;
  return `If the platform has run before, put it back from where you keep it: a new value would not fit the data. Otherwise run migratectl install again, which makes what is missing: ${look}`;
}

function jobFix({ job, cronJob }: Extract<Cause, { kind: "job-failed" }>, kubectl: string, logs: string): string {
  const look = logs || `${kubectl} describe job ${job}`;
  return cronJob === undefined
    ? `Mend what its log names, then run the same migratectl command again, which makes the job anew: ${look}`
    : `Mend what its log names; the next one comes by its schedule, or now: ${look}; ${kubectl} create job --from=cronjob/${cronJob} ${cronJob}-now`;
}

function startFix({ message }: Extract<Cause, { kind: "start-refused" }>, kubectl: string, pod: string): string {
  const foreign = /no such file or directory|executable file not found|exec format error/.test(message);
  return foreign
    ? `The image is not the one that the chart was made for, or the values change its command: push the release's images again; see: ${kubectl} describe pod ${pod}`
    : `Look at the pod: ${kubectl} describe pod ${pod}`;
}

function refusedFix(cause: Extract<Cause, { kind: "refused" }>, namespace: string, kubectl: string): string {
  switch (cause.by) {
    case "quota":
      return `Ask for a larger quota or choose a smaller --profile; once there is room the pods come within minutes: ${kubectl} describe resourcequota`;
    case "limit-range":
      return `Ask for a wider LimitRange or choose another --profile: ${kubectl} describe limitrange`;
    case "pod-security":
      return `The chart's own pods pass level "restricted": look for what the values change, or for a policy that asks for more: kubectl get namespace ${namespace} --show-labels`;
    case "webhook":
      return "Ask the owner of the webhook, which the message names: kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations";
    case "service-account":
      return broughtBack(namespace);
    case "rights":
    case "other":
      return `Read the events: ${kubectl} get events --field-selector reason=FailedCreate`;
    default:
      return assertNever(cause.by);
  }
}
