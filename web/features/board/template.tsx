import { LayoutTemplate } from "lucide-react";
import { useEffect, useRef, type KeyboardEvent, type RefObject } from "react";
import { Button } from "../../components/ui/button.tsx";
import { templateStart, ticketTemplate } from "./model/ticket-template.ts";

interface TemplateProps {
  readonly text: string;
  readonly onChange: (text: string) => void;
}

/** Begins an empty description with the template's headings, and takes them back while nothing was written under them. */
export function TemplateButton({ onChange, text, className }: TemplateProps & { className?: string }) {
  const isUntouched = text === ticketTemplate;
  if (!isUntouched && text.trim() !== "") return null;
  return (
    <Button
      look="ghost"
      size="sm"
      {...(className === undefined ? {} : { className })}
      // The field keeps the focus.
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => onChange(isUntouched ? "" : ticketTemplate)}
    >
      <LayoutTemplate className="size-3" aria-hidden /> {isUntouched ? "Remove the template" : "Use the template"}
    </Button>
  );
}

/** Ctrl or Cmd and Z takes an untouched template back: a browser does not undo a text that the page has filled in. */
export function undoTemplate(event: KeyboardEvent<HTMLElement>, { onChange, text }: TemplateProps): void {
  if (event.key.toLowerCase() !== "z" || event.shiftKey || !(event.metaKey || event.ctrlKey)) return;
  if (text !== ticketTemplate) return;
  event.preventDefault();
  onChange("");
}

/** A field in which the cursor goes under the first heading once the template is filled in, and back once it is taken away. */
export function useTemplateCursor(text: string): RefObject<HTMLTextAreaElement | null> {
  const field = useRef<HTMLTextAreaElement>(null);
  const before = useRef(text);
  useEffect(() => {
    const was = before.current;
    before.current = text;
    if (field.current === null || was === text) return;
    if (text === ticketTemplate) {
      field.current.focus();
      field.current.setSelectionRange(templateStart, templateStart);
      field.current.scrollTop = 0;
    } else if (was === ticketTemplate && text === "") field.current.focus();
  }, [text]);
  return field;
}

/** The description of a new ticket. */
export function NewDescription({ id, onChange, text, className }: TemplateProps & { id: string; className: string }) {
  const field = useTemplateCursor(text);
  return (
    <div className="relative">
      <TemplateButton text={text} onChange={onChange} className="absolute right-0 bottom-full" />
      <textarea
        id={id}
        ref={field}
        rows={Math.max(5, Math.min(12, text.split("\n").length))}
        className={className}
        value={text}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => undoTemplate(event, { text, onChange })}
      />
    </div>
  );
}
