import { FileText } from "lucide-react";
import type { Artifact } from "../../../../contracts/run-events.ts";
import { Markdown } from "../../../components/markdown.tsx";
import { Tag } from "../../../components/ui/badges.tsx";
import { Empty } from "../../../components/ui/notices.tsx";

const kindLabels: Record<Artifact["kind"], string> = {
  decision: "Decision",
  architecture: "Architecture",
  scope: "Scope",
  plan: "Plan",
  review: "Review",
  test_report: "Test report",
};

/** The stages' documents, the newest version of each. */
export function DocumentsPanel({ artifacts }: { artifacts: readonly Artifact[] }) {
  if (artifacts.length === 0) {
    return (
      <Empty icon={<FileText aria-hidden />} title="No documents yet">
        Decisions, architecture, scope and plan are kept here as the stages write them.
      </Empty>
    );
  }
  return (
    <div className="flex h-full flex-col gap-6 overflow-y-auto p-4">
      {artifacts.map((artifact) => (
        <article key={artifact.kind}>
          <h2 className="mb-2 flex items-center gap-2 text-base font-semibold">
            {artifact.title}
            {artifact.title !== kindLabels[artifact.kind] && <Tag>{kindLabels[artifact.kind]}</Tag>}
            {artifact.version > 1 && <Tag>version {artifact.version}</Tag>}
          </h2>
          <Markdown text={artifact.markdown} className="text-base" />
        </article>
      ))}
    </div>
  );
}
