import { ShieldCheck } from "lucide-react";
import type { PatchSet } from "../../../../contracts/patch-set.ts";
import { CodeSpans } from "../../../components/code-spans.tsx";
import { Tag } from "../../../components/ui/badges.tsx";
import { Empty } from "../../../components/ui/notices.tsx";

/** Policy's findings in the newest patch set, blocking ones first. */
export function PolicyPanel({ patchSet }: { patchSet: PatchSet | undefined }) {
  if (patchSet === undefined) {
    return (
      <Empty icon={<ShieldCheck aria-hidden />} title="Nothing to check yet">
        Policy looks at every patch set before a person does: frozen and CI files, dependencies, secrets, size,
        binaries, symlinks, hidden characters.
      </Empty>
    );
  }
  const found = patchSet.violations.toSorted((a, b) => Number(b.severity === "BLOCK") - Number(a.severity === "BLOCK"));
  if (found.length === 0) {
    return (
      <Empty icon={<ShieldCheck aria-hidden />} title="No findings">
        Patch set {patchSet.version} breaks no rule.
      </Empty>
    );
  }
  return (
    <ul className="h-full overflow-y-auto">
      {found.map((violation, index) => (
        <li
          key={`${violation.rule}${violation.path ?? ""}${index}`}
          className="flex items-start gap-3 border-b border-line px-4 py-3"
        >
          <Tag tone={violation.severity === "BLOCK" ? "red" : "amber"}>{violation.severity}</Tag>
          <div className="min-w-0">
            <p className="break-words">
              <CodeSpans text={violation.message} />
            </p>
            <p className="mt-0.5 text-xs break-all text-muted">
              {violation.rule}
              {violation.path !== null && (
                <>
                  {" · "}
                  <code className="font-mono">
                    {violation.path}
                    {violation.line !== null && `:${violation.line}`}
                  </code>
                </>
              )}
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}
