import type { Chance } from "./chance.ts";
import type { Coverage } from "./coverage.ts";
import type { PortError } from "../../worker/ports/errors.ts";
import { ProcessDied } from "./memory-journal.ts";

/** The probability of each kind of fault in one history, per moment at which it can happen. */
export interface Troubles {
  readonly crash: number;
  readonly command: number;
  readonly clock: number;
  readonly sandbox: number;
  readonly forge: number;
  readonly model: number;
  /** The probability of a bad answer of the model. */
  readonly mischief: number;
}

const calm: Troubles = { crash: 0, command: 0, clock: 0, sandbox: 0, forge: 0, model: 0, mischief: 0 };

/** Draws the faults of a history: each kind is absent from many, so that every mix occurs. */
export function drawTroubles(chance: Chance): Troubles {
  const some = (often: number): number => (chance.happens(0.45) ? often * (chance.int(3) + 1) : 0);
  return {
    crash: some(0.01),
    command: some(0.015),
    clock: some(0.02),
    sandbox: some(0.01),
    forge: some(0.06),
    model: some(0.08),
    mischief: some(0.1),
  };
}

/** One incarnation of the run's object. Dead, nothing that it awaited ever comes back. */
export interface Process {
  alive: boolean;
  abort: AbortController;
}

const forever = new Promise<never>(() => undefined);
const dayMs = 24 * 3_600_000;
const aroundWrite = /^(?:before|after) forge /u;

/** Time, chance and faults, as the other sides of the ports and the run's process share them. */
export class World {
  readonly chance: Chance;
  readonly coverage: Coverage;
  readonly trace: string[] = [];
  /** The run's project has a budget, and its database breaks like everything else. */
  readonly hasMoney: boolean;
  nowMs = 1_800_000_000_000;
  troubles: Troubles = calm;
  process: Process = { alive: true, abort: new AbortController() };
  /** A person does something now; set by the history. */
  onPerson: () => void = () => undefined;
  onCrash: () => void = () => undefined;
  /** A person stops the run now, for a while or for good; set by the history. */
  onStop: () => void = () => undefined;
  readonly #keepsTrace: boolean;
  #isCommand = false;
  /** Steps below this number may crash; a person's commands may not. */
  constructor(chance: Chance, coverage: Coverage, keepsTrace: boolean) {
    this.chance = chance;
    // The first draw of all: a tape from before there was money has a 0 put before it.
    this.hasMoney = chance.happens(0.3);
    this.coverage = coverage;
    this.#keepsTrace = keepsTrace;
  }

  /** Ends all faults and commands. */
  calmDown(): void {
    this.troubles = calm;
  }

  /** A line of the history, kept when it is to be shown. */
  say(line: () => string): void {
    if (this.#keepsTrace) this.trace.push(line());
  }

  /** Something broke: counted and shown. */
  fault(name: string): void {
    this.coverage.see("fault", name);
    this.say(() => `  ! ${name}`);
  }

  /** A person's command: nothing else comes between its reads and its writes. */
  command(run: () => void): void {
    this.#isCommand = true;
    try {
      run();
    } finally {
      this.#isCommand = false;
    }
  }

  /** A moment at which the process waits for another side: time passes, people act, the process may die there for good. */
  async moment(process: Process, where: string): Promise<void> {
    if (!process.alive) return forever;
    this.nowMs += 1 + this.chance.int(20);
    if (this.troubles.clock > 0 && this.chance.happens(this.troubles.clock)) this.#jump();
    if (this.troubles.command > 0 && this.chance.happens(this.troubles.command)) this.onPerson();
    // A person who stops the run while a write is on its way, or while its reply is.
    if (this.troubles.command > 0 && aroundWrite.test(where) && this.chance.happens(this.troubles.command * 4))
      this.onStop();
    // A crash just after a forge write matters more than its frequency.
    if (this.#dies(where.startsWith("after forge") ? 5 : 1)) {
      this.fault(`crash ${where}`);
      this.#kill(process);
      return forever;
    }
  }

  /** Around a journal's commit: the process may die there. Throws ProcessDied then, and ever after. */
  commitMoment(process: Process, where: string): void {
    if (!process.alive) throw new ProcessDied("the process has died");
    if (this.#isCommand || !this.#dies()) return;
    this.fault(`crash ${where}`);
    this.#kill(process);
    throw new ProcessDied("the process has died");
  }

  /** Throws the transient or permanent error with this probability. */
  maybe(probability: number, name: string, error: () => PortError): void {
    if (probability === 0 || !this.chance.happens(probability)) return;
    this.fault(name);
    throw error();
  }

  #dies(weight = 1): boolean {
    return this.troubles.crash > 0 && this.chance.happens(this.troubles.crash * weight);
  }

  #kill(process: Process): void {
    process.alive = false;
    this.onCrash();
  }

  #jump(): void {
    const forwards = this.chance.happens(0.5);
    this.fault(forwards ? "clock forwards" : "clock backwards");
    this.nowMs += forwards ? this.chance.int(2 * dayMs) : -this.chance.int(3_600_000);
  }
}
