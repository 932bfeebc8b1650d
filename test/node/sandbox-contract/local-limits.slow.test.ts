import { sandboxContract, slowParts } from "./contract.ts";
import { startLocalFixture } from "./local-fixture.ts";

sandboxContract("local host over HTTP", startLocalFixture, slowParts);
