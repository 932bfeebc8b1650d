import type { RunState } from "../../../contracts/run.ts";
import { CodeSpans } from "../../components/code-spans.tsx";
import { Markdown } from "../../components/markdown.tsx";
import { cx } from "../../components/ui/cx.ts";

/** States whose cause is the agent's own text, which is Markdown. */
const agentsOwn: ReadonlySet<RunState> = new Set<RunState>(["DECLINED", "DEFERRED"]);

/** Why a run is in its state: a text of the agent where it declined or put the run off, else the product's own words. */
export function Cause({ state, text, className }: { state: RunState; text: string; className?: string }) {
  if (agentsOwn.has(state)) return <Markdown text={text} {...(className === undefined ? {} : { className })} />;
  return (
    <p className={cx("break-words whitespace-pre-wrap", className)}>
      <CodeSpans text={text} />
    </p>
  );
}
