import { ChevronRight, MessageSquareText } from "lucide-react";
import { useId, useState } from "react";
import type { PromptPart } from "../../../../contracts/run-events.ts";
import { Tag } from "../../../components/ui/badges.tsx";
import { CopyButton } from "../../../components/ui/copy-button.tsx";
import { cx } from "../../../components/ui/cx.ts";
import { Empty } from "../../../components/ui/notices.tsx";
import { TimeAgo } from "../../../components/ui/time.tsx";
import { plural, shortHash } from "../../../lib/format.ts";
import type { StagePrompt } from "../model/history.ts";

/** The prompt of each stage, newest first: its parts in their order, each with the layer and the source that it came from. */
export function PromptsPanel({ prompts }: { prompts: readonly StagePrompt[] }) {
  if (prompts.length === 0) {
    return (
      <Empty icon={<MessageSquareText aria-hidden />} title="No prompt yet">
        When a stage starts, its whole prompt is kept here: instructions of tenant, project and repository, the ticket,
        and what you asked for.
      </Empty>
    );
  }
  return (
    <div className="flex h-full flex-col gap-6 overflow-y-auto p-4">
      {prompts.toReversed().map((prompt) => (
        <section key={`${prompt.stage} ${prompt.attempt}`}>
          <h2 className="mb-2 flex flex-wrap items-center gap-x-2 text-base font-semibold">
            <span className="capitalize">{prompt.stage}</span>
            {prompt.attempt > 1 && <Tag>attempt {prompt.attempt}</Tag>}
            <span className="ml-auto flex items-center gap-1.5 text-xs font-normal text-muted">
              <TimeAgo atMs={prompt.atMs} />
              <code className="font-mono" title={`Hash of the prompt: ${prompt.hash}`}>
                {shortHash(prompt.hash, 10)}
              </code>
              <CopyButton
                text={prompt.parts.map((part) => part.text).join("\n\n")}
                label={`the whole prompt of ${prompt.stage}`}
              />
            </span>
          </h2>
          <ol className="overflow-hidden rounded-lg border border-line bg-card">
            {prompt.parts.map((part, index) => (
              <Part key={index} part={part} />
            ))}
          </ol>
        </section>
      ))}
    </div>
  );
}

function Part({ part }: { part: PromptPart }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <li className="border-b border-line last:border-b-0">
      <div className="flex items-center gap-1 pr-2 hover:bg-hover">
        <button
          type="button"
          aria-expanded={open}
          aria-controls={open ? id : undefined}
          onClick={() => setOpen(!open)}
          className="flex min-h-10 min-w-0 flex-1 items-center gap-2.5 pl-2.5 text-left -outline-offset-2"
        >
          <ChevronRight
            className={cx("size-3.5 shrink-0 text-muted transition-transform", open && "rotate-90")}
            aria-hidden
          />
          <Tag tone={part.layer === "prompt" ? "lime" : "plain"} className="shrink-0">
            {part.layer}
          </Tag>
          <span className="min-w-0 flex-1 truncate">{part.source}</span>
          <span className="tabular hidden shrink-0 text-xs text-muted sm:inline">
            {plural(part.text.length, "character")}
          </span>
        </button>
        <CopyButton text={part.text} label={`part from ${part.source}`} className="shrink-0" />
      </div>
      {open && (
        <pre
          id={id}
          tabIndex={0}
          aria-label={part.source}
          className="max-h-96 overflow-auto border-t border-line bg-panel px-3.5 py-2.5 font-mono text-xs leading-5 break-words whitespace-pre-wrap"
        >
          {part.text}
        </pre>
      )}
    </li>
  );
}
