import { Link, useRouter, type ErrorComponentProps } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import { buttonClass } from "../components/ui/button.tsx";
import { Empty, Failure } from "../components/ui/notices.tsx";

/** For an address that leads nowhere. */
export function NotFoundPage() {
  return (
    <main className="flex h-full items-center justify-center">
      <h1 className="sr-only">Not found</h1>
      <Empty
        icon={<Compass aria-hidden />}
        title="There is nothing here"
        action={
          <Link to="/" className={buttonClass("primary")}>
            Go to the Command Center
          </Link>
        }
      >
        The address may be mistyped, or the page belongs to another tenant.
      </Empty>
    </main>
  );
}

/** The page for an uncaught error: its message, and ways to continue without losing the tab. */
export function CrashPage({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <main className="mx-auto flex h-full max-w-lg flex-col justify-center gap-4 px-4">
      <h1 className="text-xl font-semibold">This page couldn’t be shown</h1>
      <Failure
        error={error}
        kept="Runs go on without this page; drafts are kept in this tab."
        onRetry={() => {
          reset();
          void router.invalidate();
        }}
      />
      <p className="text-muted">
        If it happens again,{" "}
        <a href="/" className="text-text underline underline-offset-2">
          start from the Command Center
        </a>
        .
      </p>
    </main>
  );
}
