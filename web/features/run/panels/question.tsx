import { MessageCircleQuestion } from "lucide-react";
import { useId, useState } from "react";
import type { RunMode } from "../../../../contracts/run.ts";
import { modes } from "../../../../domain/run/modes.ts";
import { Markdown } from "../../../components/markdown.tsx";
import { Button } from "../../../components/ui/button.tsx";
import { Failure } from "../../../components/ui/notices.tsx";
import { useRefusal } from "../../../lib/me.ts";
import { useAnswer } from "../steering.ts";

/** The agent's question, and a field for the answer. The run resumes with the first answer. */
export function QuestionCard({ runId, mode, question }: { runId: string; mode: RunMode; question: string }) {
  const refusal = useRefusal(modes[mode].permissions.steer);
  const [text, setText] = useState("");
  const answer = useAnswer(runId);
  const fieldId = useId();
  const submit = () => {
    if (text.trim() !== "" && !answer.isPending) answer.mutate(text.trim());
  };
  return (
    <section aria-label="Question" className="shrink-0 rounded-xl border border-amber-line bg-amber-soft px-3.5 py-3">
      <h2 className="flex items-center gap-2 font-semibold">
        <MessageCircleQuestion className="size-4.5 text-amber" aria-hidden />
        The agent asks
      </h2>
      <Markdown text={question} className="mt-1.5 text-base" />
      {refusal === null ? (
        <form
          className="mt-2.5"
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
        >
          <label htmlFor={fieldId} className="sr-only">
            Your answer
          </label>
          <textarea
            id={fieldId}
            rows={3}
            value={text}
            maxLength={20_000}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return;
              event.preventDefault();
              submit();
            }}
            className="w-full rounded-lg border border-line-strong bg-bg px-3 py-2"
          />
          {answer.isError && <Failure error={answer.error} kept="Your answer is kept." className="mt-2" />}
          <Button
            type="submit"
            look="primary"
            className="mt-2"
            busy={answer.isPending || answer.isSuccess}
            disabled={text.trim() === ""}
          >
            Answer
          </Button>
        </form>
      ) : (
        <p className="mt-2 text-muted">{refusal}</p>
      )}
    </section>
  );
}
