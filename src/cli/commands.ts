import BundleCreate from "./commands/bundle/create.ts";
import BundleInspect from "./commands/bundle/inspect.ts";
import BundlePush from "./commands/bundle/push.ts";
import BundleVerify from "./commands/bundle/verify.ts";
import Configure from "./commands/configure.ts";
import Preflight from "./commands/preflight.ts";
import Render from "./commands/render.ts";
import Status from "./commands/status.ts";

/** Every command by its oclif id; the explicit list keeps start-up free of directory scans. */
export const commands = {
  "bundle:create": BundleCreate,
  "bundle:inspect": BundleInspect,
  "bundle:push": BundlePush,
  "bundle:verify": BundleVerify,
  configure: Configure,
  preflight: Preflight,
  render: Render,
  status: Status,
};
