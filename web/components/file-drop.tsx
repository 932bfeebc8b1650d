import { useEffect, useRef, useState, type ReactNode } from "react";
import { cx } from "./ui/cx.ts";

/** The files of a paste or a drop, when files are what was meant: text that comes with a picture of itself is text. */
export function filesOf(data: DataTransfer | null): readonly File[] {
  return data === null || data.types.includes("text/plain") ? [] : [...data.files];
}

const holdsFiles = (data: DataTransfer | null): boolean => data?.types.includes("Files") === true;

/** The words over a place while files are held over it. */
export function DropHint({ className, children }: { className: string; children: ReactNode }) {
  return (
    <p
      className={cx(
        "pointer-events-none z-10 flex items-center justify-center rounded-xl border-2 border-dashed border-lime-line bg-card/90 font-medium",
        className,
      )}
    >
      {children}
    </p>
  );
}

/**
 * Takes files that are dropped anywhere on the page, or pasted, and says whether some are held over it. With null none are taken, and one
 * that is dropped does not open in the page's place.
 */
export function usePageFiles(onFiles: ((files: readonly File[]) => void) | null): boolean {
  const [isOver, setOver] = useState(false);
  const take = useRef(onFiles);
  useEffect(() => {
    take.current = onFiles;
  });
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (event.defaultPrevented || event.dataTransfer === null || !holdsFiles(event.dataTransfer)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = take.current === null ? "none" : "copy";
      setOver(take.current !== null);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      setOver(false);
      if (event.defaultPrevented || !holdsFiles(event.dataTransfer)) return;
      event.preventDefault();
      take.current?.(filesOf(event.dataTransfer));
    };
    const paste = (event: ClipboardEvent) => {
      const files = filesOf(event.clipboardData);
      if (event.defaultPrevented || files.length === 0 || take.current === null) return;
      event.preventDefault();
      take.current(files);
    };
    const listening = new AbortController();
    const { signal } = listening;
    document.addEventListener("dragover", over, { signal });
    document.addEventListener("dragleave", leave, { signal });
    document.addEventListener("drop", drop, { signal });
    document.addEventListener("paste", paste, { signal });
    return () => listening.abort();
  }, []);
  return isOver;
}

interface DropZoneProps {
  readonly onFiles: (files: readonly File[]) => void;
  /** The words over the zone while files are held over it. */
  readonly hint: string;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A drop target for files; it is highlighted with a hint while files are held over it. */
export function DropZone({ onFiles, hint, className, children }: DropZoneProps) {
  const [isOver, setOver] = useState(false);
  return (
    <div
      className={cx("relative", className)}
      onDragOver={(event) => {
        if (!holdsFiles(event.dataTransfer)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = "copy";
        setOver(true);
      }}
      onDragLeave={(event) => {
        const into = event.relatedTarget;
        if (!(into instanceof Node) || !event.currentTarget.contains(into)) setOver(false);
      }}
      onDrop={(event) => {
        setOver(false);
        if (!holdsFiles(event.dataTransfer)) return;
        event.preventDefault();
        onFiles(filesOf(event.dataTransfer));
      }}
    >
      {children}
      {isOver && <DropHint className="absolute inset-1">{hint}</DropHint>}
    </div>
  );
}

interface FileButtonProps {
  /** The name of the field that takes the files, such as "Image files". */
  readonly label: string;
  /** Types of files that are offered; absent: all. */
  readonly accept?: readonly string[];
  readonly onFiles: (files: readonly File[]) => void;
  /** The button that asks for files, given how to ask. */
  readonly children: (ask: () => void) => ReactNode;
}

/** A button that asks for files. */
export function FileButton({ accept, children, label, onFiles }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        {...(accept === undefined ? {} : { accept: accept.join(",") })}
        multiple
        hidden
        aria-label={label}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          // The same file can be chosen again after it was removed.
          event.target.value = "";
        }}
      />
      {children(() => input.current?.click())}
    </>
  );
}

/** How far a file is on its way. `part` goes from 0 to 1. */
export function UploadProgress({ name, part, className }: { name: string; part: number; className?: string }) {
  const percent = Math.round(part * 100);
  return (
    <span
      role="progressbar"
      aria-label={`Uploading ${name}`}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
      className={cx("block h-1.5 overflow-hidden rounded-full bg-line", className)}
    >
      <span className="block h-full bg-lime transition-[width]" style={{ width: `${percent}%` }} />
    </span>
  );
}
