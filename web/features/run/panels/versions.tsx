import { ArrowRight, CircleAlert, CircleCheck, CircleHelp, PackageSearch } from "lucide-react";
import type { PackageBump } from "../../../../contracts/lane.ts";
import { CodeSpans } from "../../../components/code-spans.tsx";
import { Tag } from "../../../components/ui/badges.tsx";
import { cx } from "../../../components/ui/cx.ts";
import { Empty } from "../../../components/ui/notices.tsx";
import { nameOf, type LaneNames } from "../model/lane-names.ts";
import { isWrongBump, rangeState, type RangeState } from "../model/packages.ts";

const bumpWords: Readonly<Record<PackageBump["bump"], string>> = {
  none: "unchanged",
  patch: "patch",
  minor: "minor",
  major: "major",
  lower: "lower",
  invalid: "no version",
};

/** The version-bump matrix: each package that changes, the step that its change needs, and whose ranges follow. */
export function VersionsPanel({ packages, names }: { packages: readonly PackageBump[]; names: LaneNames }) {
  if (packages.length === 0) {
    return (
      <Empty icon={<PackageSearch aria-hidden />} title="No versions compared">
        When a run over several repositories is proposed, the versions of its packages and the ranges of their consumers
        are compared here.
      </Empty>
    );
  }
  return (
    <div className="h-full overflow-auto">
      <table className="w-full min-w-[38rem] text-left text-sm" aria-label="Versions">
        <thead className="sticky top-0 bg-bg text-xs text-muted">
          <tr className="border-b border-line [&>th]:px-3 [&>th]:py-2 [&>th]:font-normal">
            <th scope="col">Package</th>
            <th scope="col">Version</th>
            <th scope="col">Step</th>
            <th scope="col">Needed</th>
            <th scope="col">Consumers</th>
          </tr>
        </thead>
        <tbody>
          {packages.map((each) => (
            <PackageRow key={`${each.repositoryId} ${each.path}`} bump={each} names={names} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function PackageRow({ bump: each, names }: { bump: PackageBump; names: LaneNames }) {
  const wrong = isWrongBump(each);
  return (
    <tr className="border-b border-line align-top [&>td]:px-3 [&>td]:py-2.5">
      <td className="max-w-56">
        <span className="font-medium break-words">{each.name}</span>
        <span className="block text-xs break-words text-muted">
          {nameOf(names, each.repositoryId)} · <code className="font-mono">{each.path}</code>
        </span>
      </td>
      <td className="whitespace-nowrap">
        <span className="tabular inline-flex items-center gap-1 font-mono text-xs">
          {each.from ?? "none"}
          <ArrowRight className="size-3 text-muted" role="img" aria-label="to" />
          {each.to ?? "none"}
        </span>
      </td>
      <td>
        <Tag tone={wrong ? "amber" : each.bump === "none" ? "plain" : "green"}>{bumpWords[each.bump]}</Tag>
      </td>
      <td className="max-w-64">
        <span className={cx(wrong && "text-amber")}>{each.needed}</span>
        {each.why !== "" && (
          <span className="block text-xs text-muted">
            <CodeSpans text={each.why} />
          </span>
        )}
      </td>
      <td>
        {each.consumers.length === 0 ? (
          <span className="text-xs text-muted">none in this run</span>
        ) : (
          <ul className="flex flex-col gap-1.5">
            {each.consumers.map((consumer) => (
              <Consumer key={`${consumer.repositoryId} ${consumer.path}`} of={consumer} names={names} />
            ))}
          </ul>
        )}
      </td>
    </tr>
  );
}

const looks: Readonly<Record<RangeState, { icon: typeof CircleCheck; tone: string; word: string }>> = {
  satisfied: { icon: CircleCheck, tone: "text-green", word: "takes the new version" },
  unsatisfied: { icon: CircleAlert, tone: "text-amber", word: "doesn’t take the new version" },
  unknown: { icon: CircleHelp, tone: "text-muted", word: "can’t be compared" },
};

function Consumer({ of, names }: { of: PackageBump["consumers"][number]; names: LaneNames }) {
  const { icon: Icon, tone, word } = looks[rangeState(of)];
  const changed = of.rangeBefore !== null && of.rangeBefore !== of.range;
  return (
    <li className="flex items-start gap-1.5" title={of.path}>
      <Icon className={cx("mt-0.5 size-3.5 shrink-0", tone)} aria-hidden />
      <span>
        {nameOf(names, of.repositoryId)}{" "}
        <code className="font-mono text-xs whitespace-nowrap">
          {changed && <span className="text-muted line-through">{of.rangeBefore}</span>} {of.range}
        </code>
        <span className={cx("block text-xs", tone)}>{word}</span>
      </span>
    </li>
  );
}
