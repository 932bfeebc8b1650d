import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState, type RefObject } from "react";
import { fieldClass, FormDialog, NameField } from "../../../components/ui/form-dialog.tsx";
import { api, bodyOf } from "../../../lib/api.ts";
import { putProject } from "../../../lib/project-writes.ts";
import { suggestedKey } from "../../../lib/projects.ts";

interface NewProjectDialogProps {
  readonly onClose: () => void;
  readonly returnFocus: RefObject<HTMLElement | null>;
}

/** Asks for a new project's name and key, makes it, and leads to its page. */
export function NewProjectDialog({ onClose, returnFocus }: NewProjectDialogProps) {
  const [name, setName] = useState("");
  // Null until the key is typed: it follows the name.
  const [typedKey, setTypedKey] = useState<string | null>(null);
  const key = typedKey ?? suggestedKey(name);
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const made = useRef<string | null>(null);
  const close = () => {
    const projectId = made.current;
    if (projectId === null) onClose();
    // The dialog's address is left behind, so that going back does not open it again.
    else void navigate({ to: "/settings/projects/$projectId", params: { projectId }, replace: true });
  };
  return (
    <FormDialog
      title="New project"
      action="Create project"
      isComplete={name.trim() !== "" && key !== ""}
      kept="What you typed is kept."
      onSave={async () => {
        const project = await bodyOf(api.POST("/api/projects", { body: { key, name: name.trim() } }));
        putProject(queryClient, project);
        made.current = project.id;
      }}
      onClose={close}
      returnFocus={returnFocus}
    >
      <NameField value={name} onChange={setName} maxLength={100} />
      <label className="flex flex-col gap-1">
        <span className="text-xs text-muted">Key: 2 to 6 capital letters, with which its tickets’ keys begin</span>
        <input
          value={key}
          onChange={(event) => setTypedKey(event.target.value.toUpperCase())}
          maxLength={20}
          spellCheck={false}
          autoComplete="off"
          className={fieldClass}
        />
      </label>
    </FormDialog>
  );
}
