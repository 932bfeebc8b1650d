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

/** The duties of every driver of SandboxPort, tried on a real one that `makePort` brings up. */
export function sandboxContract(name: string, makePort: () => Promise<ContractFixture>): void {
  describe(`sandbox contract: ${name}`, () => {
    let fixture: ContractFixture | undefined;
    beforeAll(async () => {
      fixture = await makePort();
    });
    afterAll(async () => fixture?.close());
    const bench = new Bench(() => {
      if (fixture === undefined) throw new Error("the driver did not start");
      return fixture;
    });
    lifecycleTests(bench);
    commandTests(bench);
    processTests(bench);
    fileTests(bench);
    seedTests(bench);
    changeTests(bench);
    isolationTests(bench);
    limitTests(bench);
    portTests(bench);
  });
}
