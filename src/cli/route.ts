import { didYouMean } from "../domain/answers/did-you-mean.ts";

/** What a command line asks for, as far as it can be told before a command is loaded. */
export type Route =
  /** `argv`: what follows the command's words, with global flags that stood before them in front. */
  | { readonly kind: "command"; readonly name: string; readonly argv: readonly string[] }
  /** `subject`: a command, a topic, or "" for the whole. */
  | { readonly kind: "help"; readonly subject: string }
  | { readonly kind: "version"; readonly argv: readonly string[] }
  | { readonly kind: "unknown-command"; readonly words: string; readonly near: string | undefined; readonly topic: string | undefined }
  /** A flag that is not global stands where the command belongs; `flag` without its value. */
  | { readonly kind: "flag-first"; readonly flag: string };

/** What there is to choose from. */
export interface Vocabulary {
  /** Words of every command: `status`, `bundle verify`. */
  readonly commands: readonly string[];
  readonly topics: readonly string[];
  /** The flags of every command, with dashes, and whether each takes a value. */
  readonly globalFlags: ReadonlyMap<string, boolean>;
}

/** Reads the command line up to the words of the command. */
export function route(argv: readonly string[], vocabulary: Vocabulary): Route {
  const { moved, rest } = leadingFlags(argv, vocabulary.globalFlags);
  const words = wordsOf(rest);
  const [first, second] = words;
  if (first === "help") return helpOn(words.slice(1), vocabulary);
  if (first === "version" || (first === undefined && rest[0] === "--version"))
    return { kind: "version", argv: [...moved, ...rest.slice(1)] };
  if (first === undefined) {
    const [flag] = rest;
    return flag === undefined || isHelp(flag) ? { kind: "help", subject: "" } : { kind: "flag-first", flag: withoutValue(flag) };
  }
  const name = [`${first} ${second ?? ""}`, first].map(spoken).find((one) => vocabulary.commands.includes(one));
  const after = name === undefined ? rest : rest.slice(spoken(first) === name ? 1 : 2);
  if (asksHelp(after)) return name === undefined ? helpOn(words, vocabulary) : { kind: "help", subject: name };
  if (name !== undefined) return { kind: "command", name, argv: [...moved, ...after] };
  return vocabulary.topics.includes(first) && second === undefined ? { kind: "help", subject: first } : unknown(words, vocabulary);
}

/** `bundle:verify` is `bundle verify`. */
function spoken(word: string): string {
  return word.replace(":", " ").trim();
}

function helpOn(words: readonly string[], vocabulary: Vocabulary): Route {
  const subjects = [words.slice(0, 2).join(" "), words[0] ?? ""].map(spoken);
  const subject = subjects.find((one) => one === "" || vocabulary.commands.includes(one) || vocabulary.topics.includes(one));
  return subject === undefined ? unknown(words, vocabulary) : { kind: "help", subject };
}

function unknown([first = "", second]: readonly string[], { commands, topics }: Vocabulary): Route {
  const topic = topics.find((one) => one === first);
  const words = topic === undefined || second === undefined ? first : `${first} ${second}`;
  return { kind: "unknown-command", words, near: nearest(first, second, commands, topics), topic };
}

/** The command that was probably meant: `bundel inspect` is `bundle inspect`, and so is `inspect` alone. */
function nearest(first: string, second: string | undefined, commands: readonly string[], topics: readonly string[]): string | undefined {
  const long = commands.filter((name) => name.includes(" "));
  const lastWords = new Map(long.map((name) => [name.split(" ").at(-1) ?? name, name]));
  if (topics.includes(first)) return nearestOf(first, second ?? "", long);
  return (
    (second === undefined ? undefined : didYouMean(`${first} ${second}`, long)) ??
    didYouMean(first, [...commands.filter((name) => !name.includes(" ")), ...topics, "help", "version"]) ??
    lastWords.get(didYouMean(first, lastWords.keys()) ?? "")
  );
}

/** The topic is right, so that only its last word is compared. */
function nearestOf(topic: string, word: string, commands: readonly string[]): string | undefined {
  const near = didYouMean(
    word,
    commands.filter((name) => name.startsWith(`${topic} `)).map((name) => name.slice(topic.length + 1)),
  );
  return near === undefined ? undefined : `${topic} ${near}`;
}

/** Global flags before the command, as helm and kubectl take them, and what follows. */
function leadingFlags(
  argv: readonly string[],
  globalFlags: ReadonlyMap<string, boolean>,
): { readonly moved: readonly string[]; readonly rest: readonly string[] } {
  let at = 0;
  for (;;) {
    const argument = argv[at] ?? "";
    const takesValue = globalFlags.get(withoutValue(argument));
    if (takesValue === undefined) return { moved: argv.slice(0, at), rest: argv.slice(at) };
    at += takesValue && !argument.includes("=") ? 2 : 1;
  }
}

function wordsOf(argv: readonly string[]): readonly string[] {
  const end = argv.findIndex((argument) => argument.startsWith("-"));
  return end === -1 ? argv : argv.slice(0, end);
}

function asksHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return (end === -1 ? argv : argv.slice(0, end)).some(isHelp);
}

function isHelp(argument: string): boolean {
  return argument === "--help" || argument === "-h";
}

/** The flag of an argument; what follows `=` may be a secret. */
export function withoutValue(argument: string): string {
  return argument.startsWith("--") ? (argument.split("=", 1)[0] ?? "") : argument.slice(0, 2);
}
