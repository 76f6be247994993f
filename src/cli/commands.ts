import BundleCreate from "./commands/bundle/create.ts";
import BundleInspect from "./commands/bundle/inspect.ts";
import BundlePush from "./commands/bundle/push.ts";
import BundleVerify from "./commands/bundle/verify.ts";
import Configure from "./commands/configure.ts";
import History from "./commands/history.ts";
import Install from "./commands/install.ts";
import Preflight from "./commands/preflight.ts";
import Render from "./commands/render.ts";
import Smoke from "./commands/smoke.ts";
import Status from "./commands/status.ts";
import Uninstall from "./commands/uninstall.ts";

/** Every command by its oclif id; the explicit list keeps start-up free of directory scans. */
export const commands = {
  "bundle:create": BundleCreate,
  "bundle:inspect": BundleInspect,
  "bundle:push": BundlePush,
  "bundle:verify": BundleVerify,
  configure: Configure,
  history: History,
  install: Install,
  preflight: Preflight,
  render: Render,
  smoke: Smoke,
  status: Status,
  uninstall: Uninstall,
};
