import { parseImageReference } from "../image-reference.ts";
import { pass, some, unknown, warn } from "../judgement.ts";
import { counted } from "../units.ts";
import { type DoctorCheck, unread } from "./check.ts";
import type { DoctorFacts } from "./facts.ts";

/** Do the pods run the images that the release was applied with? */
export const imageDrift: DoctorCheck = {
  id: "image-drift",
  title: "Images",
  why: "Somebody put in another image beside the release: the next install takes it out again, and nobody knows what was tested.",
  assess(facts) {
    const wanted = "every pod runs the image that Helm recorded";
    if (facts.recorded.kind !== "known") return [unread(facts.recorded, wanted)];
    if (facts.recorded.value === undefined)
      return [unknown("Helm has no record of the release", wanted, "Compare the pods' images with the manifests that were applied.")];
    const other = drifted(facts, facts.recorded.value.containers);
    if (other.length === 0) return [pass(`${counted(facts.rollout.pods.length, "pod")} as recorded`, wanted)];
    return [warn(some(other, 3), wanted, `Apply the release again: migratectl install --namespace ${facts.namespace}`)];
  },
};

type Recorded = Extract<DoctorFacts["recorded"], { readonly kind: "known" }>["value"];

function drifted({ rollout }: DoctorFacts, recorded: NonNullable<Recorded>["containers"]): readonly string[] {
  const images = new Map(recorded.map(({ workload, container, image }) => [`${workload} ${container}`, image]));
  return rollout.pods.flatMap(({ name, owner, containers, deleting }) =>
    containers.flatMap((container) => {
      const image = owner === undefined || deleting ? undefined : images.get(`${owner.kind}/${owner.name} ${container.name}`);
      if (image === undefined || same(image, container.image, container.imageId)) return [];
      return [`container ${container.name} of ${name} runs ${container.image}, recorded is ${image}`];
    }),
  );
}

/**
 * A reference with a digest is verified by whoever pulls it: equal digests are equal images, in whatever registry a mirror keeps them, and
 * the runtime's own id, which may be that of one platform, need not be asked. It is asked where the pod names a tag alone.
 */
function same(recorded: string, spec: string, imageId: string | undefined): boolean {
  const [wanted, given] = [parseImageReference(recorded), parseImageReference(spec)];
  if (wanted?.digest === undefined) return recorded === spec;
  return (given?.digest ?? imageId?.split("@")[1]) === wanted.digest;
}
