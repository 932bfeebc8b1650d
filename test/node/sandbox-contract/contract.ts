import { afterAll, beforeAll, describe } from "vitest";
import { changeTests } from "./changes.ts";
import { commandTests } from "./commands.ts";
import { fileTests } from "./files.ts";
import { Bench, type ContractFixture } from "./fixture.ts";
import { isolationTests } from "./isolation.ts";
import { lifecycleTests } from "./lifecycle.ts";
import { limitTests } from "./limits.ts";
import { portTests } from "./ports.ts";
import { processTests } from "./processes.ts";
import { seedTests } from "./seeding.ts";

type Part = (bench: Bench) => void;

/** The parts that bind a driver without a kernel too: its life, files, changes, seeding, paths, and commands as far as it runs them. */
export const portableParts: readonly Part[] = [lifecycleTests, commandTests, fileTests, seedTests, changeTests];
/** Isolation and previews. */
export const kernelParts: readonly Part[] = [isolationTests, portTests];
/** Processes that have to be ended, and limits that have to be reached: these take their time. */
export const slowParts: readonly Part[] = [processTests, limitTests];

/** Tries parts of SandboxPort's contract on a driver that `makePort` brings up. */
export function sandboxContract(
  name: string,
  makePort: () => Promise<ContractFixture>,
  parts: readonly Part[],
  { hasKernel = true }: { readonly hasKernel?: boolean } = {},
): void {
  describe(`sandbox contract: ${name}`, () => {
    let fixture: ContractFixture | undefined;
    beforeAll(async () => {
      fixture = await makePort();
    });
    afterAll(async () => fixture?.close());
    const bench = new Bench(() => {
      if (fixture === undefined) throw new Error("the driver did not start");
      return fixture;
    }, hasKernel);
    for (const part of parts) part(bench);
  });
}
