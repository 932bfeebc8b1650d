/** A fault that a test asks for: matching requests fail with `status`, `times` times. */
export interface Fault {
  readonly method: string | undefined;
  readonly path: RegExp;
  times: number;
  readonly status: number;
  /** True: the work is done first, and only its answer is lost. */
  readonly after: boolean;
  readonly delayMs: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** The faults that are set, first come first. */
export class Faults {
  #faults: Fault[] = [];

  add(fault: Fault): void {
    this.#faults.push(fault);
  }

  clear(): void {
    this.#faults = [];
  }

  list(): readonly Fault[] {
    return this.#faults;
  }

  /** Takes one use of the first fault that matches the request's method and path (without its query). */
  take(method: string, path: string): Fault | undefined {
    const found = this.#faults.find(
      (fault) => fault.times > 0 && (fault.method === undefined || fault.method === method) && fault.path.test(path),
    );
    if (found !== undefined) {
      found.times -= 1;
      this.#faults = this.#faults.filter(({ times }) => times > 0);
    }
    return found;
  }
}
