import { assertNever } from "../assert-never.ts";
import type { Cause, Sighting } from "./cause.ts";

/** What to do about a cause; a command where there is one. `consequenceOf` names the components to mend first. */
export function fixFor(seen: Sighting, namespace: string, consequenceOf: readonly string[]): string {
  if (consequenceOf.length > 0) return `Nothing here: it follows from ${consequenceOf.join(", ")}.`;
  const { cause, object } = seen;
  const pod = object.split("/")[1] ?? "";
  const kubectl = `kubectl -n ${namespace}`;
  switch (cause.kind) {
    case "image-pull":
      return pullFix(cause, kubectl);
    case "scheduling":
      return schedulingFix(cause);
    case "volume":
      return volumeFix(cause, kubectl);
    case "config-missing":
      return cause.object === "Secret"
        ? `Run migratectl install again, which makes the Secrets that are missing; or look: ${kubectl} get secret ${cause.name}`
        : `Run migratectl install again; or look: ${kubectl} get configmap ${cause.name}`;
    case "crash":
      return crashFix(cause, kubectl, pod);
    case "start-refused":
      return `Look at the pod: ${kubectl} describe pod ${pod}`;
    case "probe":
      return `Read its log: ${kubectl} logs ${pod} -c ${cause.container} --tail=50`;
    case "init-waiting":
      return `Read its log: ${kubectl} logs ${pod} -c ${cause.container} --tail=50`;
    case "refused":
      return refusedFix(cause, kubectl);
    case "job-failed":
      return `Read the log, mend what it names, then run the same migratectl command again: ${kubectl} logs --tail=50 ${object.toLowerCase()}`;
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
  const [repository = "", host = ""] = [cause.image.split("@")[0] ?? "", cause.image.split("/")[0] ?? ""];
  switch (cause.problem) {
    case "not-found":
      return `Push the release's images again: migratectl bundle push BUNDLE --registry ${host}`;
    case "unauthorized":
      if (cause.pullSecrets.length === 0)
        return "The pod names no pull secret: give --registry-username and --registry-password-file to migratectl install.";
      return cause.missingPullSecrets.length > 0
        ? `Pull secret ${cause.missingPullSecrets.join(", ")} was not there when the pod started; see whether it is now, and make it by running migratectl install again: ${kubectl} get secrets`
        : `Check the host, user and password behind pull secret ${cause.pullSecrets.join(", ")}, then run migratectl install again with the right --registry-username and --registry-password-file.`;
    case "untrusted":
      return `Every node must trust the CA of ${host}: with containerd put it into /etc/containerd/certs.d/${host}/ca.crt and name it in the hosts.toml beside it. (A node also says this of an image that is not there, when hosts.toml names the CA for a host only.)`;
    case "wrong-platform":
      return `Make the bundle with the nodes' platform in it, or keep the pods on other nodes: migratectl bundle inspect BUNDLE; kubectl get nodes -L kubernetes.io/arch`;
    case "unreachable":
      return `Check the name and the way from a node to ${host} (DNS, firewall, proxy).`;
    case "other":
      return `Look at the pod's events: ${kubectl} get events --field-selector type=Warning (image ${repository})`;
    default:
      return assertNever(cause.problem);
  }
}

function schedulingFix(cause: Extract<Cause, { kind: "scheduling" }>): string {
  if (cause.resources.length > 0)
    return `Add nodes or free ${cause.resources.join(" and ")}, or choose a smaller --profile: kubectl describe nodes | grep -A 8 'Allocated resources'`;
  if (cause.taints.length > 0)
    return `Add a toleration for one of the taints in the values, or untaint a node: kubectl get nodes -o custom-columns=NAME:.metadata.name,TAINTS:.spec.taints`;
  return "Compare the pod's node selector and affinity with the nodes: kubectl get nodes --show-labels";
}

function volumeFix(cause: Extract<Cause, { kind: "volume" }>, kubectl: string): string {
  switch (cause.problem) {
    case "class-missing":
    case "no-default-class":
      return `Choose a class that exists (storage.className in the answers), then uninstall and install anew; a claim's class cannot be changed: kubectl get storageclass`;
    case "provisioner-silent":
      return `See whether the provisioner runs, or choose another class (storage.className in the answers): ${kubectl} describe pvc ${cause.claim}`;
    case "provisioning-failed":
    case "claim-missing":
    case "claim-lost":
      return `Look at the claim and at the provisioner's log: ${kubectl} describe pvc ${cause.claim}`;
    case "mount-failed":
      return `See whether another node still holds the volume: kubectl get volumeattachments; ${kubectl} describe pvc ${cause.claim}`;
    default:
      return assertNever(cause.problem);
  }
}

function crashFix(cause: Extract<Cause, { kind: "crash" }>, kubectl: string, pod: string): string {
  if (cause.outOfMemory) return `Give it more memory (a larger --profile, or resources in the values).`;
  return `Read its log: ${kubectl} logs ${pod} -c ${cause.container}${cause.restarts > 0 ? " --previous" : ""} --tail=50`;
}

function refusedFix(cause: Extract<Cause, { kind: "refused" }>, kubectl: string): string {
  switch (cause.by) {
    case "quota":
      return `Ask for a larger quota or choose a smaller --profile: ${kubectl} describe resourcequota`;
    case "limit-range":
      return `Ask for a wider LimitRange or choose another --profile: ${kubectl} describe limitrange`;
    case "pod-security":
      return `The message names the fields; the chart passes level "restricted", so look for extra values or a stricter policy: kubectl get namespace -L pod-security.kubernetes.io/enforce`;
    case "webhook":
      return "Ask the webhook's owner; see whether its service answers: kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations";
    case "service-account":
      return `Run migratectl install again, which makes it; or look: ${kubectl} get serviceaccounts`;
    case "rights":
    case "other":
      return `Read the events: ${kubectl} get events --field-selector reason=FailedCreate`;
    default:
      return assertNever(cause.by);
  }
}
