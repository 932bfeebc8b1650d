/** The first violation since the last `watchViolations`: the engine may catch the error itself, so it is kept here too. */
let first: Violation | undefined;

/** Forgets earlier violations: a new history begins. */
export function watchViolations(): void {
  first = undefined;
}

/** The first violation, also when the code under test has caught it. */
export function firstViolation(): Violation | undefined {
  return first;
}

/** An invariant that a history broke. `rule` is a stable name. */
export class Violation extends Error {
  override readonly name = "Violation";
  readonly rule: string;

  constructor(rule: string, detail: string) {
    super(`${rule}: ${detail}`);
    this.rule = rule;
  }
}

/** Throws a Violation of the rule unless the condition holds. The detail is only made when it doesn't. */
export function must(condition: boolean, rule: string, detail: () => string): asserts condition {
  if (condition) return;
  const violation = new Violation(rule, detail());
  first ??= violation;
  throw violation;
}
