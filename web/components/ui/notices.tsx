import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { asApiError } from "../../lib/api.ts";
import { CopyButton } from "./copy-button.tsx";
import { cx } from "./cx.ts";
import { RetryButton } from "./retry-button.tsx";

interface EmptyProps {
  readonly icon: ReactNode;
  readonly title: string;
  readonly children: ReactNode;
  readonly action?: ReactNode;
  readonly className?: string;
}

/** An empty page or panel: its purpose, and the one next step. */
export function Empty({ icon, title, children, action, className }: EmptyProps) {
  return (
    <div className={cx("flex flex-col items-center justify-center gap-2 px-6 py-14 text-center", className)}>
      <div className="mb-1 flex size-10 items-center justify-center rounded-xl border border-line bg-card text-muted [&>svg]:size-5">
        {icon}
      </div>
      <h2 className="text-base font-semibold">{title}</h2>
      <p className="max-w-sm text-muted">{children}</p>
      {action !== undefined && <div className="mt-2">{action}</div>}
    </div>
  );
}

interface FailureProps {
  readonly error: unknown;
  readonly onRetry?: () => void;
  /** The part that is still safe, in one sentence. */
  readonly kept?: string;
  readonly className?: string;
}

/** A failure: its cause, the part that was kept, the next step, and the request's id to quote. */
export function Failure({ error, onRetry, kept, className }: FailureProps) {
  const failure = asApiError(error);
  return (
    <div
      className={cx(
        "flex items-start gap-2.5 rounded-lg border border-red-line bg-red-soft px-3 py-2.5 text-sm",
        className,
      )}
    >
      <TriangleAlert className="mt-0.5 size-4 shrink-0 text-red" aria-hidden />
      <div role="alert" className="min-w-0 flex-1">
        <p className="font-medium">{failure.title}</p>
        <p className="break-words text-soft">
          {kept === undefined ? failure.message : `${ended(failure.message)} ${kept}`}
        </p>
        {failure.requestId !== null && (
          <p className="mt-1 flex items-center gap-1 text-xs text-muted">
            Request <code className="truncate font-mono">{failure.requestId}</code>
            <CopyButton text={failure.requestId} label="request id" />
          </p>
        )}
      </div>
      {onRetry !== undefined && <RetryButton onRetry={onRetry} atMs={failure.retryAtMs} />}
    </div>
  );
}

/** A sentence with its full stop: the words on a field of a request have none. */
function ended(sentence: string): string {
  return /[.!?…]$/u.test(sentence) ? sentence : `${sentence}.`;
}
