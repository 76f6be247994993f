import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

interface SuiteOptions {
  readonly include?: string;
  readonly exclude?: string;
  readonly globalSetup?: string;
  /** One file after the other. */
  readonly sequential?: boolean;
}

const suite = (name: string, seconds: number, options: SuiteOptions = {}) => ({
  test: {
    name,
    include: [options.include ?? `test/${name}/**/*.test.ts`],
    ...(options.exclude === undefined ? {} : { exclude: [options.exclude] }),
    testTimeout: seconds * 1000,
    hookTimeout: seconds * 1000,
    // Every core: the files wait for processes more than they compute. Vitest would leave one free.
    maxWorkers: options.sequential === true ? 1 : availableParallelism(),
    ...(options.globalSetup === undefined ? {} : { globalSetup: [options.globalSetup] }),
  },
});

const images = "test/sandbox/platform/**/*.test.ts";

/** One project per kind of test, from the quickest to the one that needs a cluster; @oclif/test needs the console untouched. */
export default defineConfig({
  test: {
    disableConsoleIntercept: true,
    projects: [
      suite("unit", 20),
      suite("contract", 60),
      suite("integration", 120),
      suite("images", 600, { include: images }),
      // Some of its tests look at the whole machine.
      suite("sandbox", 600, { exclude: images, sequential: true }),
      suite("e2e", 900, { sequential: true, globalSetup: "test/e2e/support/setup.ts" }),
    ],
  },
});
