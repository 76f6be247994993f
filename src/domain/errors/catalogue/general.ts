import type { CatalogueEntry } from "../problem.ts";

/** Errors that any command can end with. */
export const generalErrors = {
  USAGE: {
    exit: "usage",
    title: "The command line was not understood",
    why: "A flag or argument is unknown, missing or malformed.",
    fix: "Run the command with --help; it lists every flag with an example.",
  },
  CANCELLED: {
    exit: "cancelled",
    title: "Cancelled",
    why: "The command was interrupted (Ctrl-C or SIGTERM).",
    fix: "Run the same command again: it goes on from where it stopped.",
  },
  DEADLINE: {
    exit: "attention",
    title: "A deadline passed",
    why: "Something migratectl waited for did not happen in time.",
    fix: "Look at what it waited for, then run the same command again, with a longer --timeout if it is only slow.",
  },
  DISK_FULL: {
    exit: "attention",
    title: "The disk is full",
    why: "The run directory or the output file could not be written.",
    fix: "Free some space, or set XDG_STATE_HOME (run directory) or --out to a disk that has room, then run the same command again.",
  },
  PROXY_INVALID: {
    exit: "usage",
    title: "The environment names a proxy that cannot be used",
    why: "HTTPS_PROXY and HTTP_PROXY hold the address of a proxy: http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT.",
    fix: "Correct the variable, or unset it; NO_PROXY names hosts, domains and address ranges that are asked directly.",
  },
  FILE_UNREADABLE: {
    exit: "usage",
    title: "A file cannot be read",
    why: "It does not exist, or you may not read it.",
    fix: "Check the path and its permissions.",
  },
  FILE_UNWRITABLE: {
    exit: "usage",
    title: "A file cannot be written",
    why: "The folder does not exist, or you may not write there.",
    fix: "Check the path and its permissions.",
  },
} as const satisfies Record<string, CatalogueEntry>;
