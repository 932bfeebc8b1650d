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

/**
 * The contract of SandboxPort, tried on a driver that `makePort` brings up. A driver in memory has no kernel: it is held to
 * everything about files, changes, seeding, paths and its life, and to commands as far as it runs them.
 */
export function sandboxContract(
  name: string,
  makePort: () => Promise<ContractFixture>,
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
    lifecycleTests(bench);
    commandTests(bench);
    fileTests(bench);
    seedTests(bench);
    changeTests(bench);
    if (!hasKernel) return;
    processTests(bench);
    isolationTests(bench);
    limitTests(bench);
    portTests(bench);
  });
}
