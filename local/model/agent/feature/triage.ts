import type { AgentRequest } from "../request.ts";
import { introduction, tool } from "../work.ts";
import type { Work } from "../work.ts";

/** Lets every request through that says something; whether it is wise needs a model or a person. */
export function* triage(request: AgentRequest): Work {
  const words = request.prompt.match(/\p{L}{2,}/gu)?.length ?? 0;
  const reasons =
    words === 0
      ? ["The request is empty: there is nothing to work on."]
      : [`The request has ${words} words. ${introduction} So I let it pass: nothing about its worth was judged.`];
  yield {
    text: "I look only at whether there is a request.",
    calls: [tool("submit_triage", { decision: words === 0 ? "NO_GO" : "GO", reasons })],
  };
}
