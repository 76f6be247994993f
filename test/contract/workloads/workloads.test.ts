import { fakeWorld } from "./fake-world.ts";
import { realWorld } from "./real-world.ts";
import { workloadsContract } from "./suite.ts";

workloadsContract("the fake", fakeWorld);
workloadsContract("a real API server", realWorld);
