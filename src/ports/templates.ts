/** The files under templates/ that are filled in with the client's answers. */
export interface Templates {
  /** Fills in the template `values.yaml` or `docs/operations.md` (its name without .hbs). An unknown name in a template throws: nothing is left out silently. */
  render(name: string, context: Readonly<Record<string, unknown>>): Promise<string>;
  /** Names of the templates of a folder, sorted, without .hbs: `docs/operations.md`. */
  names(folder: string): Promise<readonly string[]>;
}
