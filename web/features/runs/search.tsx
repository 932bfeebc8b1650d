import { Search, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Kbd } from "../../components/ui/badges.tsx";
import { useHotkey } from "../../lib/hotkeys.ts";

const fewestCharacters = 3;
const pauseMs = 300;

/** True when a text is long enough to be searched for. */
export function searchable(text: string): boolean {
  return text.trim().length >= fewestCharacters;
}

/** Finds runs by their words. `text` is the address's value; `onChange` gets the typed text once the typing pauses. */
export function RunSearch({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const [typed, setTyped] = useState(text);
  const sent = useRef(text);
  const field = useRef<HTMLInputElement>(null);
  const latest = useRef(onChange);
  useEffect(() => {
    latest.current = onChange;
  });
  // The address changed under the field, by a link or "Clear the search".
  useEffect(() => {
    if (text === sent.current) return;
    sent.current = text;
    setTyped(text);
  }, [text]);
  const wanted = searchable(typed) ? typed.trim() : "";
  useEffect(() => {
    if (wanted === text) return;
    const timer = setTimeout(() => {
      sent.current = wanted;
      latest.current(wanted);
    }, pauseMs);
    return () => clearTimeout(timer);
  }, [wanted, text]);
  useHotkey("/", () => field.current?.focus());
  const clear = () => {
    setTyped("");
    field.current?.focus();
  };
  const missing = typed.trim() !== "" && !searchable(typed);
  return (
    <search className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-3 py-2">
      <div className="flex h-8 w-full items-center gap-2 rounded-lg border border-line bg-card px-2.5 focus-within:border-line-strong sm:w-80">
        <Search className="size-3.5 shrink-0 text-muted" aria-hidden />
        <input
          ref={field}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            setTyped("");
            field.current?.blur();
          }}
          maxLength={200}
          placeholder="Search titles, prompts, messages"
          aria-label="Search runs"
          className="min-w-0 flex-1 bg-transparent focus-visible:outline-none"
        />
        {typed === "" ? (
          <Kbd>/</Kbd>
        ) : (
          <button
            type="button"
            onClick={clear}
            aria-label="Clear the search"
            title="Clear the search (Esc)"
            className="rounded text-muted hover:text-text"
          >
            <X className="size-3.5" aria-hidden />
          </button>
        )}
      </div>
      <span role="status" className="text-xs text-muted empty:hidden">
        {missing && `${fewestCharacters} characters at least`}
      </span>
    </search>
  );
}
