import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderNginx } from "./nginx-config.ts";

/** Writes what nginx needs to start before any Ingress is known. */
export const writeFirstConfig = (configDir: string, pkiDir: string): void => {
  mkdirSync(join(configDir, "tls"), { recursive: true });
  for (const kind of ["crt", "key"]) copyFileSync(join(pkiDir, `ingress-default.${kind}`), join(configDir, `default.${kind}`));
  writeFileSync(join(configDir, "nginx.conf"), renderNginx([]));
};

/** Replaces nginx's configuration when it differs and tells the running nginx, if there is one, to read it; true when something changed. */
export const replaceConfig = (configDir: string, files: Readonly<Record<string, string>>): boolean => {
  let changed = false;
  for (const [name, text] of Object.entries(files)) {
    const path = join(configDir, name);
    if (existsSync(path) && readFileSync(path, "utf8") === text) continue;
    changed = true;
    writeFileSync(`${path}.new`, text, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }
  if (!changed) return false;
  const pidFile = join(configDir, "nginx.pid");
  if (existsSync(pidFile)) process.kill(Number(readFileSync(pidFile, "utf8")), "SIGHUP");
  return true;
};
