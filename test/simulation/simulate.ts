import { Chance } from "./chance.ts";
import { Coverage } from "./coverage.ts";
import { History } from "./history.ts";
import { firstViolation, Violation } from "./violation.ts";

/** A history that broke an invariant. */
export interface Failure {
  readonly seed: number;
  readonly rule: string;
  readonly message: string;
  /** The draws that led there, shortened as far as it goes; `Chance` reads them back. */
  readonly tape: readonly number[];
  /** The shortened history, line by line. */
  readonly trace: readonly string[];
}

interface Shortened {
  readonly seed: number;
  readonly rule: string;
  readonly error: Error;
  readonly tape: readonly number[];
}

interface Lived {
  readonly error: Error | undefined;
  readonly drawn: readonly number[];
  readonly trace: readonly string[];
}

/** Runs one history from a seed or a tape. Never throws: the broken rule is in the result. */
export async function live(
  source: number | readonly number[],
  coverage = new Coverage(),
  keepsTrace = false,
): Promise<Lived> {
  const chance = new Chance(source);
  const history = new History(chance, coverage, keepsTrace);
  try {
    await history.live();
    return { error: undefined, drawn: chance.drawn, trace: history.world.trace };
  } catch (error) {
    return {
      error: firstViolation() ?? (error instanceof Error ? error : new Error(String(error))),
      drawn: chance.drawn,
      trace: history.world.trace,
    };
  }
}

/** Lives `count` histories from `firstSeed` on; stops at the first that breaks an invariant and answers it, shortened unless told otherwise. */
export async function simulate(
  firstSeed: number,
  count: number,
  coverage: Coverage,
  shortens = true,
): Promise<Failure | undefined> {
  // Most errors of a history are part of it; their stacks are not worth their cost.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  for (let index = 0; index < count; index += 1) {
    const { drawn, error } = await live(firstSeed + index, coverage);
    if (error === undefined) continue;
    const seed = firstSeed + index;
    const short = shortens ? await shrink(seed, drawn, error) : { seed, rule: ruleOf(error), error, tape: drawn };
    Error.stackTraceLimit = stackTraceLimit;
    return explain(short);
  }
  Error.stackTraceLimit = stackTraceLimit;
  return undefined;
}

const ruleOf = (error: Error): string => (error instanceof Violation ? error.rule : error.name);

/** Shortens a failing history: leaves out and flattens stretches of its draws as long as the same rule still breaks. */
async function shrink(seed: number, drawn: readonly number[], error: Error): Promise<Shortened> {
  const rule = ruleOf(error);
  let best: readonly number[] = drawn;
  let left = 1500;
  const breaks = async (tape: readonly number[]): Promise<boolean> => {
    if (left <= 0) return false;
    left -= 1;
    const lived = await live(tape);
    if (lived.error === undefined || ruleOf(lived.error) !== rule) return false;
    best = lived.drawn.length < tape.length ? tape.slice(0, lived.drawn.length) : tape;
    return true;
  };
  if (await breaks(drawn)) {
    for (let size = drawn.length >> 1; size >= 1; size >>= 1) {
      for (let at = 0; at < best.length;) {
        const cut = [...best.slice(0, at), ...best.slice(at + size)];
        if (await breaks(cut)) continue;
        const stretch = best.slice(at, at + size);
        if (stretch.some((value) => value !== 0))
          await breaks([...best.slice(0, at), ...stretch.map(() => 0), ...best.slice(at + size)]);
        at += size;
      }
    }
  }
  return { seed, rule, error, tape: best.slice(0, best.findLastIndex((value) => value !== 0) + 1) };
}

/** The shortened history once more, with its lines and the stack of what broke. */
async function explain({ error, rule, seed, tape }: Shortened): Promise<Failure> {
  const { error: again = error, trace } = await live(tape, new Coverage(), true);
  return { seed, rule, message: again.stack ?? again.message, tape, trace };
}
