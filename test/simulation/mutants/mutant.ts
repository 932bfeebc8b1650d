/** A planted mistake: `find` occurs exactly once in `file`, however it is laid out, and becomes `replace`. */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** The promise that it breaks. */
  readonly breaks: string;
}
