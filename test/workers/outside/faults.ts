import type * as z from "zod";
import type { faultSchema } from "./ledger.ts";

type Planned = { -readonly [K in keyof z.output<typeof faultSchema>]: z.output<typeof faultSchema>[K] };

/** The faults that wait to happen, and the requests that are being kept. */
export class FaultPlan {
  #planned: Planned[] = [];
  #held: string[] = [];
  #release: (() => void)[] = [];

  plan(fault: z.output<typeof faultSchema>): void {
    this.#planned.push({ ...fault });
  }

  /** Requests that are kept now, as `METHOD url`. */
  get held(): readonly string[] {
    return this.#held;
  }

  /** Lets go of every request that is kept, and forgets the faults that have not come. */
  clear(): void {
    this.#planned = [];
    this.#held = [];
    for (const release of this.#release.splice(0)) release();
  }

  /** Does the request's work with whatever fault is due for it. */
  async around(what: string, work: () => Response | Promise<Response>): Promise<Response> {
    const fault = this.#due(what);
    if (fault?.how === "fail") return broken(fault.status);
    if (fault?.how === "hold_before") await this.#hold(what);
    const response = await work();
    if (fault?.how === "lose") return broken(fault.status);
    if (fault?.how === "hold_after") await this.#hold(what);
    return response;
  }

  #due(what: string): Planned | undefined {
    const fault = this.#planned.find((candidate) => new RegExp(candidate.match, "u").test(what));
    if (fault === undefined) return undefined;
    if (fault.skip > 0) {
      fault.skip -= 1;
      return undefined;
    }
    fault.times -= 1;
    if (fault.times === 0) this.#planned.splice(this.#planned.indexOf(fault), 1);
    return fault;
  }

  async #hold(what: string): Promise<void> {
    this.#held.push(what);
    await new Promise<void>((resolve) => this.#release.push(resolve));
  }
}

function broken(status: number): Response {
  return new Response("the test's fault", { status });
}
