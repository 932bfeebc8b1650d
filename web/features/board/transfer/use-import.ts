import { useCallback, useEffect, useRef, useState } from "react";
import type { ImportReport } from "../../../../contracts/ticket-transfer.ts";
import { maxImportBytes, type TransferFormat } from "../../../../contracts/ticket-transfer-names.ts";
import { postFile } from "../../../lib/post-file.ts";

/** A file that was chosen. Its bytes are read at once: a file that changes on disk later can't be sent any more. */
export interface ChosenFile {
  readonly name: string;
  readonly format: TransferFormat;
  readonly bytes: Blob;
}

/** The work that goes on: the file is looked at, or its tickets are written. `part` of it is sent, from 0 to 1. */
export interface Sending {
  readonly kind: "check" | "write";
  readonly part: number;
}

interface ImportState {
  readonly file: ChosenFile | null;
  /** Why the file can't even be sent. */
  readonly problem: string | null;
  readonly report: ImportReport | null;
  readonly sending: Sending | null;
  readonly error: unknown;
}

const nothing: ImportState = { file: null, problem: null, report: null, sending: null, error: null };

/** An import from the choice of its file to its result. Each choice is looked at by the server, which writes nothing then. */
export function useImport(projectId: string) {
  const [state, setState] = useState(nothing);
  const [update, setUpdate] = useState(false);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  const send = useCallback(
    async (file: ChosenFile, kind: Sending["kind"], mayUpdate: boolean) => {
      running.current?.abort();
      const control = new AbortController();
      running.current = control;
      const set = (next: Partial<ImportState>) => {
        if (running.current === control) setState((before) => ({ ...before, ...next }));
      };
      set({
        file,
        problem: null,
        error: null,
        sending: { kind, part: 0 },
        ...(kind === "check" ? { report: null } : {}),
      });
      const query = new URLSearchParams({
        format: file.format,
        dryRun: String(kind === "check"),
        update: String(mayUpdate),
      });
      try {
        const report = await postFile<ImportReport>({
          path: `/api/projects/${encodeURIComponent(projectId)}/tickets/import?${query.toString()}`,
          body: file.bytes,
          contentType: file.format === "csv" ? "text/csv" : "application/json",
          onProgress: (part) => set({ sending: { kind, part } }),
          signal: control.signal,
        });
        set({ report, sending: null });
      } catch (error) {
        if (!control.signal.aborted) set({ error, sending: null });
      }
    },
    [projectId],
  );

  const choose = useCallback(
    async (given: File) => {
      if (given.size > maxImportBytes) {
        const problem = `${given.name} has ${(given.size / 1_000_000).toFixed(1)} MB, and a file of tickets may have ${maxImportBytes / 1_000_000} MB. Divide it.`;
        return setState({ ...nothing, problem });
      }
      try {
        const bytes = new Blob([await given.arrayBuffer()]);
        await send({ name: given.name, format: formatOf(given), bytes }, "check", update);
      } catch {
        setState({ ...nothing, problem: `${given.name} can’t be read. Choose it again.` });
      }
    },
    [send, update],
  );

  const { file } = state;
  return {
    ...state,
    update,
    choose,
    /** Looks at the file again, with or without updates. */
    setUpdate: (next: boolean) => {
      setUpdate(next);
      if (file !== null) void send(file, "check", next);
    },
    check: () => file !== null && void send(file, "check", update),
    write: () => file !== null && void send(file, "write", update),
  };
}

export type Import = ReturnType<typeof useImport>;

function formatOf({ name, type }: File): TransferFormat {
  return type === "application/json" || /\.json$/iu.test(name) ? "json" : "csv";
}
