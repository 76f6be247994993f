import type { CatalogueEntry } from "../problem.ts";

/** Errors of the area "answers". */
export const answersErrors = {
  ANSWERS_MISSING: {
    exit: "usage",
    title: "Answers are missing that have no safe default",
    why: "migratectl never invents an answer that only you can know.",
    fix: "Give the flags or set the variables that are named above, or run `migratectl configure`, which asks and writes migratectl.yaml.",
  },
  ANSWERS_SYNTAX: {
    exit: "usage",
    title: "The answers file is not readable YAML",
    why: "The file has a mistake in its YAML, or is not an answers file at all.",
    fix: "Correct the line named above; `migratectl configure` writes a correct file.",
  },
  ANSWERS_VERSION: {
    exit: "usage",
    title: "The version of the answers file is not one this migratectl knows",
    why: "The file says with `version:` how it is to be read, so that an old migratectl does not misread a newer file.",
    fix: "Write `version: migratectl/v2`, or run `migratectl configure` to make a new file from the old answers.",
  },
  ANSWERS_KEY_UNKNOWN: {
    exit: "usage",
    title: "The answers hold a key that does not exist",
    why: "A misspelt key would silently leave its default in force, so none is accepted.",
    fix: "Correct or remove the key; values of the chart that no answer covers go under `values:`.",
  },
  ANSWERS_INVALID: {
    exit: "usage",
    title: "An answer is not of the right kind",
    why: "The value does not fit what this answer means.",
    fix: "Correct the value at the place named above.",
  },
  ANSWERS_NAME_REFUSED: {
    exit: "usage",
    title: "A name is not one that Kubernetes accepts",
    why: "Names of Kubernetes objects and hosts have only lower-case letters, digits, hyphens and (most of them) dots, and start and end with a letter or digit.",
    fix: "Choose another name.",
  },
  ANSWERS_SECRET_IN_CLEAR: {
    exit: "usage",
    title: "A secret stands in the answers in clear",
    why: "migratectl.yaml is meant to be kept in git, and flags show in the process list; a secret in either is no longer one.",
    fix: "Put the value into a file or an environment variable and refer to it, e.g. `password: { file: /path }` or `password: { env: NAME }`; then change that secret, since it has been in a file in clear.",
  },
  SECRET_UNAVAILABLE: {
    exit: "usage",
    title: "A secret that the answers refer to is not there",
    why: "The file, environment variable or Secret named in the answers does not exist, is empty or may not be read.",
    fix: "Create it, or correct the reference in the answers.",
  },
} as const satisfies Record<string, CatalogueEntry>;
