import { MemorySandbox } from "../../fakes/sandbox/memory-sandbox.ts";
import { sandboxContract } from "./contract.ts";

sandboxContract(
  "in memory",
  async () => ({ port: new MemorySandbox(), hiddenPaths: [], hostPort: 0, close: async () => undefined }),
  { hasKernel: false },
);
