import type { Facts } from "../src/domain/facts/facts.ts";
import type { StorageClassFact } from "../src/domain/facts/storage.ts";
import type { Check, Judgement } from "./check.ts";
import { claimsByClass, defaultClass } from "./claims-by-class.ts";
import { fail, pass, unread, warn } from "./judgement.ts";

const wanted = "a StorageClass that makes volumes by itself, can expand them and retains them";

/** Is there a class for the claims, does somebody run its provisioner, can it expand? */
export const storageClass: Check = {
  id: "storage-class",
  title: "Storage class",
  why: "A claim without a class, or with a provisioner that nobody runs, stays Pending and nothing says why.",
  needs: ["storageClasses", "provisioners", "volumes", "rendered"],
  assess(input) {
    const { facts } = input;
    if (facts.storageClasses.kind !== "known") return [unread(facts.storageClasses, wanted)];
    const classes = facts.storageClasses.value;
    return [...claimsByClass(input, classes).keys()].flatMap((name) => judgeClass(name, classes, facts));
  },
};

function judgeClass(name: string | undefined, classes: readonly StorageClassFact[], facts: Facts): readonly Judgement[] {
  const others = classes.map((one) => one.name).join(", ") || "none";
  if (name === undefined) {
    return [
      fail(
        `no default StorageClass; the cluster has: ${others}`,
        wanted,
        "Name one with --storage-class NAME, or make one the default: kubectl annotate storageclass NAME storageclass.kubernetes.io/is-default-class=true",
      ),
    ];
  }
  const found = classes.find((one) => one.name === name);
  if (found === undefined)
    return [
      fail(`there is no StorageClass "${name}"; the cluster has: ${others}`, wanted, "Name one that exists with --storage-class NAME."),
    ];
  const defaults = classes.filter(({ isDefault }) => isDefault);
  const chosenByDefault = defaultClass(classes) === found;
  return [
    provisioning(found, facts),
    ...(found.expandable
      ? []
      : [
          warn(
            `${name} cannot expand volumes`,
            wanted,
            `A full Postgres volume could not grow. Where the provisioner can: kubectl patch storageclass ${name} -p '{"allowVolumeExpansion": true}'`,
          ),
        ]),
    ...(found.reclaimPolicy === "Retain"
      ? []
      : [
          warn(
            `${name} deletes a volume with its claim (reclaimPolicy ${found.reclaimPolicy})`,
            wanted,
            'Take a class with reclaimPolicy Retain, or patch the volumes after the installation: kubectl patch pv NAME -p \'{"spec": {"persistentVolumeReclaimPolicy": "Retain"}}\'',
          ),
        ]),
    ...(defaults.length > 1 && chosenByDefault
      ? [
          warn(
            `${defaults.length} default classes (${defaults.map((one) => one.name).join(", ")}); Kubernetes takes the newest, ${name}`,
            wanted,
            "Name the one that is meant with --storage-class NAME.",
          ),
        ]
      : []),
  ];
}

/** Whether somebody makes the volumes: a class that nobody provisions needs volumes made by hand. */
function provisioning({ name, provisioner }: StorageClassFact, { provisioners, volumes }: Facts): Judgement {
  if (provisioner === "kubernetes.io/no-provisioner") return byHand(name, volumes);
  const made = volumes.kind === "known" && volumes.value.some((volume) => volume.provisionedBy === provisioner);
  const running = provisioners.kind === "known" && provisioners.value.alive.includes(provisioner);
  const driver = provisioners.kind === "known" && provisioners.value.drivers.includes(provisioner);
  if (running) return pass(`${name}: provisioner ${provisioner} is running`, wanted);
  if (made) return pass(`${name}: provisioner ${provisioner} has made volumes`, wanted);
  if (driver) return pass(`${name}: CSI driver ${provisioner} is installed`, wanted);
  if (provisioners.kind !== "known") return unread(provisioners, `the provisioner ${provisioner} of ${name} is running`);
  const fix =
    "Ask the cluster's owner whether this provisioner runs; a claim tells: kubectl apply a PersistentVolumeClaim of this class and see that it binds.";
  return warn(
    `${name}: nothing shows that its provisioner ${provisioner} runs (no Lease renewed, no CSI driver, no volume made)`,
    wanted,
    fix,
  );
}

function byHand(name: string, volumes: Facts["volumes"]): Judgement {
  const what = `${name} makes no volumes by itself`;
  if (volumes.kind !== "known") return unread(volumes, `free volumes of class ${name}`);
  const free = volumes.value.filter((volume) => volume.className === name && volume.phase === "Available");
  const fix = "Make PersistentVolumes for the claims first, or take a class with a provisioner: --storage-class NAME.";
  return free.length === 0
    ? fail(`${what}, and no volume of it is free`, wanted, fix)
    : warn(`${what}; ${free.length} volumes of it are free`, wanted, fix);
}
