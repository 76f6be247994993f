// What tests and the demo use of the sandbox.
export type { SandboxDocument } from "./document.ts";
export { network } from "./layout.ts";
export { down } from "./lifecycle/down.ts";
export { type ActingUser, attemptInside, execInside, insideArgv, insideEnv, runInside } from "./lifecycle/exec.ts";
export { makeClientNamespace } from "./lifecycle/namespace.ts";
export { status } from "./lifecycle/record.ts";
export { up } from "./lifecycle/up.ts";
export { ensureToolchain, type Meanwhile, type Toolchain } from "./toolchain/ensure.ts";
