import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Trash2 } from "lucide-react";
import { useId, useState } from "react";
import type { ProviderKey } from "../../../../contracts/provider-key.ts";
import { Button } from "../../../components/ui/button.tsx";
import { cx } from "../../../components/ui/cx.ts";
import { Failure } from "../../../components/ui/notices.tsx";
import { SkeletonRows } from "../../../components/ui/skeleton.tsx";
import { TimeAgo } from "../../../components/ui/time.tsx";
import { api, ApiError, bodyOf, done } from "../../../lib/api.ts";
import { modelsQuery, providerKeysQuery } from "../../../lib/queries.ts";

const providers = [
  { provider: "anthropic", name: "Anthropic (Claude)" },
  { provider: "openai", name: "OpenAI (Codex)" },
] as const;

/** The tenant's own keys of the model providers, for admins. A key is typed once and never shown again. */
export function ProviderKeys() {
  const keys = useQuery(providerKeysQuery);
  return (
    <section aria-label="Keys" className="rounded-xl border border-line bg-card px-4 py-3.5">
      <h2 className="font-semibold">Keys</h2>
      <p className="mt-0.5 max-w-3xl text-muted">
        With a key of your own, this tenant’s runs are billed to your account; without one they use the deployment’s.
        Keys are stored sealed, and never reach a sandbox, a prompt or a log.
      </p>
      {keys.data === undefined ? (
        keys.isError ? (
          <Failure error={keys.error} onRetry={() => void keys.refetch()} className="mt-3" />
        ) : (
          <SkeletonRows count={2} />
        )
      ) : (
        <ul className="mt-3 flex flex-col divide-y divide-line">
          {providers.map(({ name, provider }) => (
            <KeyRow
              key={provider}
              provider={provider}
              name={name}
              known={keys.data.find((each) => each.provider === provider) ?? null}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

interface KeyRowProps {
  readonly provider: ProviderKey["provider"];
  readonly name: string;
  readonly known: ProviderKey | null;
}

function KeyRow({ known, name, provider }: KeyRowProps) {
  const queryClient = useQueryClient();
  const [typed, setTyped] = useState("");
  const id = useId();
  const settled = async () => {
    await Promise.all([
      queryClient.invalidateQueries({ queryKey: providerKeysQuery.queryKey }),
      queryClient.invalidateQueries({ queryKey: modelsQuery.queryKey }),
    ]);
  };
  const save = useMutation({
    mutationFn: (key: string) =>
      bodyOf(api.PUT("/api/provider-keys/{provider}", { params: { path: { provider } }, body: { key } })),
    onSuccess: async () => {
      setTyped("");
      await settled();
    },
  });
  const remove = useMutation({
    mutationFn: () => done(api.DELETE("/api/provider-keys/{provider}", { params: { path: { provider } } })),
    onSettled: settled,
  });
  const problem = save.error instanceof ApiError ? save.error.issueAt("key") : null;
  return (
    <li className="py-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <KeyRound className="size-4 shrink-0 text-muted" aria-hidden />
        <span className="font-medium">{name}</span>
        {known === null ? (
          <span className="text-muted">the deployment’s key</span>
        ) : (
          <span className="text-muted">
            your key ending in <code className="font-mono text-text">{known.lastFour}</code>, set by {known.setBy.name}{" "}
            <TimeAgo atMs={known.setAtMs} />
          </span>
        )}
        {known !== null && (
          <Button look="ghost" size="sm" className="ml-auto" busy={remove.isPending} onClick={() => remove.mutate()}>
            {!remove.isPending && <Trash2 className="size-3.5" aria-hidden />}
            Remove
          </Button>
        )}
      </div>
      <form
        className="mt-2 flex flex-wrap items-start gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(typed.trim());
        }}
      >
        <div className="min-w-0 flex-1 basis-64">
          <label htmlFor={id} className="sr-only">
            {known === null ? `Key for ${name}` : `New key for ${name}`}
          </label>
          <input
            id={id}
            type="password"
            value={typed}
            maxLength={500}
            autoComplete="off"
            placeholder={known === null ? "Paste a key" : "Paste a key to replace it"}
            aria-invalid={problem !== null}
            aria-describedby={problem === null ? undefined : `${id}-problem`}
            onChange={(event) => {
              setTyped(event.target.value);
              save.reset();
            }}
            className={cx(
              "h-8 w-full rounded-lg border bg-bg px-2.5 font-mono text-xs",
              problem === null ? "border-line-strong" : "border-red-line",
            )}
          />
          {problem !== null && (
            <p id={`${id}-problem`} role="alert" className="mt-0.5 text-xs text-red">
              {problem}
            </p>
          )}
        </div>
        <Button type="submit" look="secondary" busy={save.isPending} disabled={typed.trim() === ""}>
          {save.isPending ? "Asking the provider" : "Save"}
        </Button>
      </form>
      {save.isError && problem === null && (
        <Failure error={save.error} kept="What you typed is kept." className="mt-2" />
      )}
      {remove.isError && <Failure error={remove.error} className="mt-2" />}
    </li>
  );
}
