/** Where the references in the answers lead. Each gives undefined when there is nothing at that place. */
export interface SecretSources {
  /** Content of a file. @throws Problem SECRET_UNAVAILABLE when it is there but may not be read */
  file(path: string): Promise<string | undefined>;
  /** Value of an environment variable. */
  environment(name: string): string | undefined;
  /** Value of a key of a Secret in the release's namespace; absent where no cluster is at hand. */
  secret?(name: string, key: string, signal: AbortSignal): Promise<string | undefined>;
}
