/** A planted mistake: `find` occurs exactly once in `file`, however it is laid out, and becomes `replace`. */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** The promise that it breaks. */
  readonly breaks: string;
}

/** The source text with the mutant planted; undefined unless its text occurs exactly once. */
export function withMutant(source: string, { find, replace }: Mutant): string | undefined {
  const pattern = inAnyFormat(find);
  if (source.match(pattern)?.length !== 1) return undefined;
  return source.replace(pattern, () => replace);
}

/** Finds a piece of code however a formatter breaks its lines. */
function inAnyFormat(code: string): RegExp {
  const tokens = code.match(/\w+|[^\w\s]/gu) ?? [];
  const escaped = tokens.map((token) =>
    /^[)\]}]$/u.test(token) ? `,?\\s*\\${token}` : /\w/u.test(token) ? token : `\\${token}`,
  );
  return new RegExp(escaped.join("\\s*"), "g");
}
