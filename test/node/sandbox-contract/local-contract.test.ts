import { kernelParts, portableParts, sandboxContract } from "./contract.ts";
import { startLocalFixture } from "./local-fixture.ts";

sandboxContract("local host over HTTP", startLocalFixture, [...portableParts, ...kernelParts]);
