import { Problem } from "../../src/domain/errors/problem.ts";
import { known } from "../../src/domain/reading.ts";
import type { ClusterOffer, ClusterOffers } from "../../src/ports/cluster-offers.ts";
import { node } from "../unit/capacity/cluster.ts";

const cluster: ClusterOffer = {
  version: "v1.34.4",
  nodes: known([node("a", "8", "32Gi")]),
  storageClasses: known([
    { name: "slow", isDefault: false, detail: "example.com/hdd, cannot grow" },
    { name: "fast", isDefault: true, detail: "example.com/ssd" },
  ]),
  ingressClasses: known([{ name: "nginx", isDefault: false, detail: "k8s.io/ingress-nginx" }]),
  apiVersions: ["v1", "networking.k8s.io/v1", "networking.k8s.io/v1/Ingress"],
};

/** A kubeconfig with two contexts whose clusters answer; remembers which were asked. */
export class OfferedCluster implements ClusterOffers {
  readonly asked: (string | undefined)[] = [];
  private readonly offer: Partial<ClusterOffer> | undefined;
  private readonly names: readonly string[];

  constructor({
    offer = {},
    names = ["prod", "test"],
  }: { readonly offer?: Partial<ClusterOffer> | "unreachable"; readonly names?: readonly string[] } = {}) {
    this.offer = offer === "unreachable" ? undefined : offer;
    this.names = names;
  }

  async contexts() {
    return { names: this.names, current: this.names.at(-1) };
  }

  async cluster(context: string | undefined): Promise<ClusterOffer> {
    this.asked.push(context);
    if (this.offer === undefined) throw new Problem("CLUSTER_UNREACHABLE", { what: "https://10.0.0.1:6443 does not answer" });
    return { ...cluster, ...this.offer };
  }
}
