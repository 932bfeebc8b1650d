import { ArrowUp, X } from "lucide-react";
import { useState } from "react";
import type { Run, RunState } from "../../../contracts/run.ts";
import { modes } from "../../../domain/run/modes.ts";
import { unreadReason } from "../../../domain/run/unread.ts";
import { Button } from "../../components/ui/button.tsx";
import { Failure } from "../../components/ui/notices.tsx";
import { useCan } from "../../lib/me.ts";
import { isFinal } from "../../lib/vocabulary.ts";
import { useRemoveMessage, useSendMessage } from "./steering.ts";
import { useRunPage, type RunStore } from "./store.ts";

const mostCharacters = 20_000;

/** Sends a message to the agent while it works, and lists the messages that it has not read yet. Nothing for a reader, or after the run. */
export function Composer({ run, store }: { run: Run; store: RunStore }) {
  const runId = run.id;
  const maySteer = useCan(modes[run.mode].permissions.steer);
  const view = useRunPage(store, (page) => page.view);
  const queued = view.queue;
  const unread = unreadReason(view.state);
  const [text, setText] = useState("");
  const send = useSendMessage(runId);
  const remove = useRemoveMessage(runId);
  if (view.created === undefined || isFinal(view.state) || !maySteer) return null;
  const submit = () => {
    if (text.trim() === "" || send.isPending || unread !== undefined) return;
    send.mutate(text.trim(), { onSuccess: () => setText("") });
  };
  return (
    <form
      className="shrink-0 border-t border-line px-4 py-2.5"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div className="mx-auto flex w-full max-w-3xl flex-col gap-2">
        {queued.length > 0 && (
          <ul aria-label="Messages that wait" className="flex flex-col gap-1">
            {queued.map((message) => (
              <li key={message.messageId} className="flex items-center gap-2 rounded-lg bg-hover px-2.5 py-1 text-xs">
                <span className="shrink-0 text-muted">{unread === undefined ? "Next turn" : "Not read yet"}</span>
                <span className="min-w-0 flex-1 truncate">{message.text}</span>
                <button
                  type="button"
                  aria-label="Take it back"
                  title="Take it back"
                  disabled={remove.isPending}
                  onClick={() => remove.mutate(message.messageId)}
                  className="rounded text-muted hover:text-text"
                >
                  <X className="size-3.5" aria-hidden />
                </button>
              </li>
            ))}
          </ul>
        )}
        {(send.isError || remove.isError) && (
          <Failure error={send.error ?? remove.error} kept="What you typed is kept." />
        )}
        <div className="flex items-end gap-2 rounded-xl border border-line-strong bg-card py-1 pr-1 pl-3 focus-within:border-lime-line">
          <textarea
            aria-label="Message to the agent"
            rows={1}
            value={text}
            maxLength={mostCharacters}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
              event.preventDefault();
              submit();
            }}
            readOnly={unread !== undefined}
            placeholder={placeholderOf(view.state)}
            className="field-sizing-content max-h-40 min-h-8 min-w-0 flex-1 resize-none bg-transparent py-1.5 focus-visible:outline-none"
          />
          <Button
            type="submit"
            look="ghost"
            size="icon"
            aria-label="Send"
            title="Send (Enter)"
            busy={send.isPending}
            disabled={text.trim() === "" || unread !== undefined}
          >
            {!send.isPending && <ArrowUp className="size-4" aria-hidden />}
          </Button>
        </div>
        {unread !== undefined && text !== "" && <p className="text-xs text-muted">{unread}</p>}
      </div>
    </form>
  );
}

function placeholderOf(state: RunState): string {
  if (unreadReason(state) === undefined) return "Steer the agent: it reads this before its next turn";
  return state === "WAITING_APPROVAL" || state === "BLOCKED_POLICY"
    ? "The agent waits for a decision. Request changes to tell it something."
    : "The work is approved: the agent reads no more messages.";
}
