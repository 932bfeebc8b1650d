import { useQuery } from "@tanstack/react-query";
import { Failure } from "../../../components/ui/notices.tsx";
import { SkeletonRows } from "../../../components/ui/skeleton.tsx";
import { useCrumbs } from "../../../lib/crumbs.ts";
import { useCan, useRefusal } from "../../../lib/me.ts";
import { modelsQuery } from "../../../lib/queries.ts";
import { ProviderKeys } from "./keys.tsx";
import { SettingsNav } from "../nav.tsx";
import { AddModelForm } from "./add.tsx";
import { ModelTable } from "./table.tsx";

/** The models that this tenant's runs may use, with their prices. An admin switches them, chooses the default, adds others. */
export function ModelsPage() {
  useCrumbs({ label: "Settings", href: "/settings" }, { label: "Models" });
  const refusal = useRefusal("model.manage");
  const maySetKeys = useCan("provider_key.manage");
  const models = useQuery(modelsQuery);
  const asOf = models.data?.find((model) => model.price !== null)?.price?.asOf;
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto flex w-full max-w-5xl flex-col gap-6 px-4 pt-6 pb-16">
        <SettingsNav />
        <header>
          <h1 className="text-xl font-semibold tracking-tight">Models</h1>
          <p className="mt-1 max-w-3xl text-muted">
            What this tenant’s runs may use. Runs that have begun keep their model. Prices are the vendors’ lists
            {asOf === undefined ? "" : ` as of ${asOf}`}, in US dollars per million tokens; a model without one costs an
            unknown amount, so no budget can be kept with it.
          </p>
          {refusal !== null && <p className="mt-2 text-muted">Changing the list: {refusal}</p>}
        </header>
        {models.data === undefined ? (
          models.isError ? (
            <Failure error={models.error} onRetry={() => void models.refetch()} />
          ) : (
            <SkeletonRows count={8} />
          )
        ) : (
          <ModelTable models={models.data} mayChange={refusal === null} />
        )}
        {refusal === null && <AddModelForm />}
        {maySetKeys && <ProviderKeys />}
      </div>
    </div>
  );
}
