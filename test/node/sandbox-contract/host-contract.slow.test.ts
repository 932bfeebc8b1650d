import { kernelParts, portableParts, sandboxContract } from "./contract.ts";
import { startHostFixture } from "./host-fixture.ts";

sandboxContract("sandbox host over HTTP", startHostFixture, [...portableParts, ...kernelParts]);
