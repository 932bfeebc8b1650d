import type { AgentRequest } from "./request.ts";
import { fixBug } from "./repair/bugfix.ts";
import type { Work } from "./work.ts";

export function* coder(request: AgentRequest): Work {
  yield* fixBug(request);
}
