import { findMentions } from "../mentions.ts";
import type { AgentRequest } from "../request.ts";
import { introduction, tool } from "../work.ts";
import type { Work } from "../work.ts";

/** A repository that the run needs, and why. */
interface Choice {
  readonly repository: string;
  readonly reason: string;
}

/**
 * Accepts every request that has content; judging it needs a model or a person. Where the choice of
 * repositories is open, it names those that the request needs.
 */
export function* triage(request: AgentRequest): Work {
  const words = request.prompt.match(/\p{L}{2,}/gu)?.length ?? 0;
  const reasons =
    words === 0
      ? ["The request is empty: there is nothing to work on."]
      : [`The request has ${words} words. ${introduction} So I let it pass: nothing about its worth was judged.`];
  const repositories = request.isChoiceOpen ? yield* chooseRepositories(request) : undefined;
  const decision = words === 0 ? "NO_GO" : "GO";
  const choice = repositories === undefined ? {} : { repositories };
  yield {
    text: "I look only at whether there is a request.",
    calls: [tool("submit_triage", { decision, reasons, ...choice })],
  };
}

/** The repositories in which the request's names occur; all of them when none does. */
function* chooseRepositories(request: AgentRequest): Work<Choice[]> {
  const found = yield* findMentions(request);
  const chosen = [...found].flatMap(([repository, mentions]): readonly Choice[] => {
    const places = mentions.map(
      ({ files, first, identifier }) =>
        `\`${identifier}\` occurs in ${files} file${files === 1 ? "" : "s"}, first at ${first}`,
    );
    if (places.length > 0) return [{ repository, reason: `${places.slice(0, 3).join("; ")}.` }];
    // The folder's own name in the request says as much as an identifier.
    return request.prompt.includes(repository) ? [{ repository, reason: "The request names it." }] : [];
  });
  if (chosen.length > 0) return chosen;
  const reason = "Nothing that the request names occurs in any repository, so I leave none of them out.";
  return request.folders.map((repository) => ({ repository, reason }));
}
