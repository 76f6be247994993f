import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Plugin } from "esbuild";

/** esbuild drops what is not used of a namespace import, but not of the `z` that zod exports: 0.5 MB that every start would compile. */
const leanZod: Plugin = {
  name: "lean-zod",
  setup({ onLoad }) {
    onLoad({ filter: /\/(?:src|preflight)\/.*\.ts$/ }, async ({ path }) => ({
      loader: "ts",
      contents: (await readFile(path, "utf8")).replace('import { z } from "zod";', 'import * as z from "zod";'),
    }));
  },
};

/**
 * client-node brings along what we never call: its modules are not declared free of side effects, which keeps a megabyte of API models, and
 * undici is loaded for agents of fetch, while our requests go through node:https.
 */
const leanKubernetes: Plugin = {
  name: "lean-kubernetes",
  setup({ onResolve, onLoad }) {
    const own = /@kubernetes\/client-node\/dist\//;
    onResolve({ filter: /^\.{1,2}\// }, ({ path, importer }) =>
      own.test(importer) ? { path: join(dirname(importer), path), sideEffects: false } : undefined,
    );
    onResolve({ filter: /^undici$/ }, ({ path, importer, resolveDir }) =>
      own.test(importer) ? { path, namespace: "when-used", pluginData: resolveDir } : undefined,
    );
    onLoad({ filter: /./, namespace: "when-used" }, ({ path, pluginData }) => ({
      resolveDir: String(pluginData),
      contents: `for (const name of ["Agent", "ProxyAgent", "fetch"]) Object.defineProperty(exports, name, { get: () => require("${path}")[name] });`,
    }));
  },
};

/** An import statement reads every property of node:http, and `WebSocket` among them loads a whole HTTP client; require reads none. */
const leanNode: Plugin = {
  name: "lean-node",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(?:node:)?http$/ }, ({ kind }) =>
      kind === "import-statement" ? { path: "node:http", namespace: "required" } : undefined,
    );
    onLoad({ filter: /./, namespace: "required" }, ({ path }) => ({ contents: `module.exports = require("${path}");` }));
  },
};

/** What keeps a start short: of libraries, only what is called is compiled and run. */
export const lean: Plugin[] = [leanZod, leanKubernetes, leanNode];
