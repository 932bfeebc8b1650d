import { useMutation, useQuery } from "@tanstack/react-query";
import { getRouteApi, Navigate } from "@tanstack/react-router";
import { GitPullRequestArrow, ScrollText, ShieldCheck } from "lucide-react";
import { useEffect, type ReactNode } from "react";
import { Button } from "../../components/ui/button.tsx";
import { Logo } from "../../components/ui/logo.tsx";
import { Failure } from "../../components/ui/notices.tsx";
import { signInWithGitHub } from "../../lib/auth.ts";
import { deploymentQuery, meQuery } from "../../lib/queries.ts";
import { safeReturnPath } from "../../lib/return-path.ts";

const route = getRouteApi("/sign-in");

const errorWords: Record<string, string> = {
  access_denied: "GitHub says that access was refused. Continue again and allow it.",
  state_mismatch: "The sign-in took too long or was started in another window. Start again.",
  please_restart_the_process: "The sign-in took too long or was started in another window. Start again.",
  signup_disabled: "This deployment lets in only people whom it names. Ask its administrator.",
  not_allowed: "This deployment lets in only people whom it names. Ask its administrator.",
  email_not_found: "GitHub gave no email address for this account. Add one there, then try again.",
};

/** The sentence for the `error` that the callback returned. */
function wordsFor(error: string, description: string | undefined): string {
  const known = errorWords[error.toLowerCase()];
  if (known !== undefined) return known;
  if (description !== undefined) return description;
  return `The sign-in came back with “${error.replaceAll("_", " ").slice(0, 200)}”. Try again.`;
}

function rememberedReturn(): string | undefined {
  try {
    return sessionStorage.getItem("return-to") ?? undefined;
  } catch {
    return undefined;
  }
}

/** The sign-in page: a description of the product, the sign-in button, and the error of the last try. */
export function SignInPage() {
  const { next, error, error_description } = route.useSearch();
  const returnTo = safeReturnPath(next ?? (error === undefined ? undefined : rememberedReturn()));
  const me = useQuery(meQuery);
  const deployment = useQuery(deploymentQuery);
  const signIn = useMutation({
    mutationFn: () => {
      try {
        sessionStorage.setItem("return-to", returnTo);
      } catch {
        // Without storage, a failed try comes back to the Command Center.
      }
      return signInWithGitHub(returnTo);
    },
  });
  useEffect(() => {
    document.title = "Sign in · Assembly Lime";
  }, []);
  if (me.data !== undefined && me.data !== null) return <Navigate to={returnTo} replace />;

  const forge = deployment.data?.forgeUrl;
  return (
    <main className="flex h-full flex-col items-center justify-center overflow-y-auto px-5 py-10">
      <div className="w-full max-w-sm">
        <Logo className="mb-6 size-10" />
        <h1 className="text-2xl font-semibold tracking-tight">Assembly Lime</h1>
        <p className="mt-2 text-base text-soft">
          Coding agents turn tickets and prompts into pull requests. Nothing is written to GitHub before a person has
          approved exactly those bytes.
        </p>

        {error !== undefined && (
          <div role="alert" className="mt-6 rounded-lg border border-red-line bg-red-soft px-3 py-2.5">
            <p className="font-medium">You aren’t signed in</p>
            <p className="text-soft">{wordsFor(error, error_description)}</p>
          </div>
        )}
        {signIn.isError && <Failure error={signIn.error} className="mt-6" />}

        <Button
          look="primary"
          size="lg"
          className="mt-6 w-full"
          busy={signIn.isPending || signIn.isSuccess}
          onClick={() => signIn.mutate()}
        >
          {!signIn.isPending && !signIn.isSuccess && <GitHubMark />}
          Continue with GitHub
        </Button>
        <p className="mt-2.5 min-h-4.5 text-xs text-muted">
          {forge !== undefined && `Signs you in at ${hostOf(forge)}.`}
        </p>

        <ul className="mt-8 flex flex-col gap-3 border-t border-line pt-6 text-soft">
          <Point icon={<ShieldCheck aria-hidden />}>Policy and gates check every patch set before you see it.</Point>
          <Point icon={<GitPullRequestArrow aria-hidden />}>
            You approve by content hash; one module writes, once.
          </Point>
          <Point icon={<ScrollText aria-hidden />}>Each run leaves a ledger that you can verify yourself.</Point>
        </ul>
      </div>
    </main>
  );
}

function Point({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <li className="flex items-start gap-2.5 [&>svg]:mt-0.5 [&>svg]:size-4 [&>svg]:shrink-0 [&>svg]:text-muted">
      {icon}
      <span className="text-balance">{children}</span>
    </li>
  );
}

function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}

function GitHubMark() {
  return (
    <svg viewBox="0 0 24 24" className="size-4.5" fill="currentColor" aria-hidden>
      <path d="M12 1.8a10.2 10.2 0 0 0-3.2 19.9c.5.1.7-.2.7-.5v-1.9c-2.9.6-3.5-1.2-3.5-1.2-.5-1.2-1.1-1.5-1.1-1.5-.9-.6.1-.6.1-.6 1 .1 1.6 1.1 1.6 1.1.9 1.6 2.4 1.1 3 .9.1-.7.3-1.1.6-1.4-2.3-.3-4.7-1.1-4.7-5.1 0-1.1.4-2 1.1-2.8-.1-.3-.5-1.3.1-2.7 0 0 .9-.3 2.8 1a9.8 9.8 0 0 1 5.1 0c1.9-1.3 2.8-1 2.8-1 .6 1.4.2 2.4.1 2.7.7.7 1.1 1.7 1.1 2.8 0 4-2.4 4.8-4.7 5.1.4.3.7.9.7 1.9v2.8c0 .3.2.6.7.5A10.2 10.2 0 0 0 12 1.8Z" />
    </svg>
  );
}
