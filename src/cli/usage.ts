/** What a flag declares, as far as an error can speak of it. */
export interface FlagFacts {
  readonly type?: string;
  readonly char?: string | undefined;
  readonly env?: string | undefined;
  readonly required?: boolean | undefined;
  readonly allowNo?: boolean | undefined;
  readonly helpValue?: string | readonly string[] | undefined;
  readonly options?: readonly string[] | undefined;
  readonly dependsOn?: readonly (string | { readonly name: string })[] | undefined;
  readonly exclusive?: readonly (string | { readonly name: string })[] | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/** A command as it was called. */
export interface Usage {
  /** `bundle verify` */
  readonly name: string;
  readonly flags: Readonly<Record<string, FlagFacts>>;
  readonly args: Readonly<Record<string, { readonly required?: boolean | undefined; readonly description?: string | undefined }>>;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Where the value of a flag comes from, as a person wrote it: `--timeout`, or MIGRATECTL_TIMEOUT. */
export function sourceOf(flag: string, { flags, argv, environment }: Usage): string {
  const { env: variable, char } = flags[flag] ?? {};
  const onCommandLine = argv.some(
    (argument) => argument === `--${flag}` || argument.startsWith(`--${flag}=`) || (char !== undefined && argument.startsWith(`-${char}`)),
  );
  return variable !== undefined && !onCommandLine && (environment[variable] ?? "") !== "" ? variable : `--${flag}`;
}

/** Every text that may have been given as a value of the flag. */
export function valuesOf(flag: string, { flags, argv, environment }: Usage): readonly string[] {
  const inline = argv.flatMap((argument) => (argument.startsWith(`--${flag}=`) ? [argument.slice(flag.length + 3)] : []));
  const following = argv.flatMap((argument, index) => (argument === `--${flag}` ? [argv[index + 1] ?? ""] : []));
  return [...inline, ...following, environment[flags[flag]?.env ?? ""] ?? ""].filter((value) => value !== "");
}
