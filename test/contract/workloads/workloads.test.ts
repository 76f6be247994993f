import { describeReal, noCluster } from "../real.ts";
import { fakeWorld } from "./fake-world.ts";
import { realWorld } from "./real-world.ts";
import { workloadsContract } from "./suite.ts";

workloadsContract("the fake", fakeWorld);
describeReal("with a cluster", noCluster, () => workloadsContract("a real API server", realWorld));
