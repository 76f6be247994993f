import { Config } from "@oclif/core/config";

/** What oclif's command and help classes ask of a configuration. Loaded it is never: that would read every command and look for plugins. */
export function oclifConfig(): Config {
  const config = new Config({ root: import.meta.dirname });
  config.bin = "migratectl";
  config.name = "migratectl";
  config.topicSeparator = " ";
  // Hooks belong to plugins, and there are none.
  config.runHook = async () => ({ failures: [], successes: [] });
  return config;
}
