import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const suite = (name: string, seconds: number, options: { readonly globalSetup?: string; readonly sequential?: boolean } = {}) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: seconds * 1000,
    hookTimeout: seconds * 1000,
    // Every core: the files wait for processes more than they compute. Vitest would leave one free.
    maxWorkers: options.sequential === true ? 1 : availableParallelism(),
    ...(options.globalSetup === undefined ? {} : { globalSetup: [options.globalSetup] }),
  },
});

/** One project per kind of test, from the quickest to the one that needs a cluster; @oclif/test needs the console untouched. */
export default defineConfig({
  test: {
    disableConsoleIntercept: true,
    projects: [
      suite("unit", 20),
      suite("contract", 60),
      suite("integration", 120),
      suite("sandbox", 600, { sequential: true }),
      suite("e2e", 900, { sequential: true, globalSetup: "test/e2e/support/setup.ts" }),
    ],
  },
});
