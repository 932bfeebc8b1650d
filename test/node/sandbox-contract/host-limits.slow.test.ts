import { sandboxContract, slowParts } from "./contract.ts";
import { startHostFixture } from "./host-fixture.ts";

sandboxContract("local host over HTTP", startHostFixture, slowParts);
