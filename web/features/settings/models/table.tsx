import { Trash2 } from "lucide-react";
import type { Model } from "../../../../contracts/model.ts";
import { Tag } from "../../../components/ui/badges.tsx";
import { Button } from "../../../components/ui/button.tsx";
import { cx } from "../../../components/ui/cx.ts";
import { Failure } from "../../../components/ui/notices.tsx";
import { Switch } from "../../../components/ui/switch.tsx";
import { useModelChange } from "./change.ts";

const head = "px-2 py-2 text-right font-medium whitespace-nowrap";
const cell = "px-2 py-2.5 text-right whitespace-nowrap";

/** The models as a table: name and id, provider, price of a million tokens, state, and an admin's actions. */
export function ModelTable({ models, mayChange }: { models: readonly Model[]; mayChange: boolean }) {
  return (
    <div className="overflow-x-auto rounded-xl border border-line bg-card">
      <table className="tabular w-full min-w-180">
        <caption className="sr-only">Models</caption>
        <thead className="text-xs text-muted">
          <tr className="[&>th]:border-b [&>th]:border-line">
            <th scope="col" className="py-2 pl-4 text-left font-medium">
              Model
            </th>
            <th scope="col" className="px-2 py-2 text-left font-medium">
              Provider
            </th>
            <th scope="col" className={head} title="Dollars per million tokens of the prompt that are in no cache">
              In
            </th>
            <th scope="col" className={head} title="Dollars per million tokens of the answer">
              Out
            </th>
            <th
              scope="col"
              className={head}
              title="Dollars per million tokens that are read from the cache, and written into it"
            >
              Cache read / write
            </th>
            <th scope="col" className="px-2 py-2 text-left font-medium">
              Status
            </th>
            <th scope="col" className="py-2 pr-4 text-right font-medium">
              On
            </th>
          </tr>
        </thead>
        <tbody>
          {models.map((model) => (
            <ModelRow key={model.id} model={model} mayChange={mayChange} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ModelRow({ model, mayChange }: { model: Model; mayChange: boolean }) {
  const change = useModelChange(model.id);
  const { price, retirement } = model;
  return (
    <>
      <tr className={cx("align-top not-first:[&>*]:border-t [&>*]:border-line", !model.available && "text-muted")}>
        <th scope="row" className="py-2.5 pl-4 text-left font-normal">
          <span className={cx("block font-medium", !model.enabled && "text-muted")}>{model.name}</span>
          <code className="block max-w-60 font-mono text-xs break-all text-muted">{model.id}</code>
        </th>
        <td className="px-2 py-2.5">{model.provider === "anthropic" ? "Anthropic" : "OpenAI"}</td>
        {price === null ? (
          <td colSpan={3} className={`${cell} text-amber`}>
            price unknown
          </td>
        ) : (
          <>
            <td className={cell} title={longWords(price.long, "input")}>
              {rate(price.input)}
            </td>
            <td className={cell} title={longWords(price.long, "output")}>
              {rate(price.output)}
            </td>
            <td className={cell}>
              {rate(price.cacheRead)} / {rate(price.cacheWrite)}
            </td>
          </>
        )}
        <td className="px-2 py-2">
          <span className="flex flex-wrap items-center gap-1">
            {model.isDefault && <Tag tone="lime">default</Tag>}
            {retirement !== null && (
              <Tag tone={retirement.isPast ? "red" : "amber"} title={`Its successor is ${retirement.successor}`}>
                {retirement.isPast ? "retired" : `retires ${retirement.on}`}
              </Tag>
            )}
            {!model.enabled && <Tag>off</Tag>}
            {model.enabled && !model.available && retirement?.isPast !== true && (
              <Tag tone="amber" title={model.reason ?? ""}>
                no key
              </Tag>
            )}
            {model.origin === "own" && <Tag>added</Tag>}
            {mayChange && model.available && !model.isDefault && (
              <Button look="ghost" size="sm" busy={change.isPending} onClick={() => change.mutate({ isDefault: true })}>
                Make default
              </Button>
            )}
          </span>
        </td>
        <td className="py-2 pr-4">
          <span className="flex items-center justify-end gap-1">
            {mayChange && model.origin === "own" && !model.isDefault && (
              <Button
                look="ghost"
                size="icon"
                aria-label={`Remove ${model.name}`}
                title="Remove from the list"
                onClick={() => change.mutate(null)}
              >
                <Trash2 className="size-4" aria-hidden />
              </Button>
            )}
            <Switch
              label={`${model.name} may be used`}
              checked={model.enabled}
              disabled={!mayChange || change.isPending || model.isDefault}
              title={model.isDefault ? "The default can’t be switched off: choose another first" : undefined}
              onChange={(enabled) => change.mutate({ enabled })}
            />
          </span>
        </td>
      </tr>
      {(change.isError || (retirement?.isPast === true && model.reason !== null)) && (
        <tr>
          <td colSpan={7} className="px-4 pb-2.5">
            {change.isError ? (
              <Failure error={change.error} kept="The list is as before." />
            ) : (
              <p className="text-xs text-red">{model.reason}</p>
            )}
          </td>
        </tr>
      )}
    </>
  );
}

/** Dollars per million tokens, with the digits that it needs and at least cents: `$2.50`, `$0.125`. */
function rate(dollars: number): string {
  return `$${dollars.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 4 })}`;
}

function longWords(long: NonNullable<Model["price"]>["long"], what: "input" | "output"): string | undefined {
  return long === null
    ? undefined
    : `${rate(long[what])} when the prompt has more than ${long.overTokens.toLocaleString("en")} tokens`;
}
