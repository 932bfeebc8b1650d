import { ListChecks } from "lucide-react";
import { Markdown } from "../../../components/markdown.tsx";
import { Tag } from "../../../components/ui/badges.tsx";
import { Empty } from "../../../components/ui/notices.tsx";
import { TimeAgo } from "../../../components/ui/time.tsx";
import type { DatedReview } from "../model/history.ts";

const severityTones = { blocker: "red", major: "amber", minor: "plain", note: "plain" } as const;

/** The reviews of the reviewer stage, newest first. */
export function ReviewPanel({ reviews }: { reviews: readonly DatedReview[] }) {
  if (reviews.length === 0) {
    return (
      <Empty icon={<ListChecks aria-hidden />} title="No review yet">
        A second agent reads the change before you do. It may send the work back once.
      </Empty>
    );
  }
  return (
    <div className="flex h-full flex-col gap-6 overflow-y-auto p-4">
      {reviews.toReversed().map(({ atMs, review }) => (
        <section key={atMs}>
          <p className="mb-2 flex items-center gap-2">
            <Tag tone={review.verdict === "approve" ? "green" : "amber"}>
              {review.verdict === "approve" ? "approves" : "sends back"}
            </Tag>
            <TimeAgo atMs={atMs} className="ml-auto text-xs text-muted" />
          </p>
          <Markdown text={review.summary} className="text-base" />
          <ul className="mt-3 flex flex-col gap-2">
            {review.findings.map((finding, index) => (
              <li key={`${finding.path}${index}`} className="rounded-lg border border-line bg-card px-3 py-2">
                <p className="mb-0.5 flex items-center gap-2 text-xs">
                  <Tag tone={severityTones[finding.severity]}>{finding.severity}</Tag>
                  <code className="min-w-0 truncate font-mono text-muted">
                    {finding.path}
                    {finding.line !== null && `:${finding.line}`}
                  </code>
                </p>
                <Markdown text={finding.message} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
