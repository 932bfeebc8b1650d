import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { AtSign, Bell, CircleAlert, CircleHelp, ShieldCheck, type LucideIcon } from "lucide-react";
import { useState } from "react";
import type { Notice, NoticeReason } from "../../contracts/notice.ts";
import { buttonClass } from "../components/ui/button.tsx";
import { cx } from "../components/ui/cx.ts";
import { Menu, MenuItem } from "../components/ui/menu.tsx";
import { Failure } from "../components/ui/notices.tsx";
import { SkeletonRows } from "../components/ui/skeleton.tsx";
import { TimeAgo } from "../components/ui/time.tsx";
import { api, done } from "../lib/api.ts";
import { noticesQuery } from "../lib/queries.ts";

const reasons: Readonly<Record<NoticeReason, { readonly icon: LucideIcon; readonly words: string }>> = {
  approval: { icon: ShieldCheck, words: "Waits for approval" },
  question: { icon: CircleHelp, words: "Asks a question" },
  needs_human: { icon: CircleAlert, words: "Needs you" },
  failed: { icon: CircleAlert, words: "Failed" },
  mentioned: { icon: AtSign, words: "Mentioned you" },
};

const noIds: ReadonlySet<string> = new Set();

/** The notices to the signed-in person: runs that wait for them or failed, comments that mention them. Opening the list reads them. */
export function NoticeBell() {
  const query = useQuery(noticesQuery);
  const queryClient = useQueryClient();
  /** Those that were new when the list was opened. */
  const [fresh, setFresh] = useState(noIds);
  const unread = (query.data ?? []).filter(({ readAtMs }) => readAtMs === null);
  const read = async (upTo: string) => {
    const { queryKey } = noticesQuery;
    try {
      await queryClient.cancelQueries({ queryKey });
      const atMs = Date.now();
      queryClient.setQueryData(queryKey, (all) => all?.map((each) => ({ ...each, readAtMs: each.readAtMs ?? atMs })));
      await done(api.POST("/api/notices/read", { body: { upTo } }));
    } finally {
      void queryClient.invalidateQueries({ queryKey });
    }
  };
  const onOpenChange = (open: boolean) => {
    const newest = unread[0];
    setFresh(open ? new Set(unread.map(({ id }) => id)) : noIds);
    // A list that can't be marked as read stays new, and is marked at the next look.
    if (open && newest !== undefined) void read(newest.id).catch(() => undefined);
  };
  const count = unread.length === 0 ? "" : unread.length >= 30 ? "30+" : String(unread.length);
  return (
    <Menu
      align="end"
      className="w-[min(24rem,calc(100vw-1rem))]"
      onOpenChange={onOpenChange}
      trigger={
        <button
          type="button"
          className={buttonClass("ghost", "icon", "relative")}
          aria-label={count === "" ? "Notices" : `Notices: ${count} new`}
          title="Notices"
        >
          <Bell className="size-4" aria-hidden />
          {count !== "" && (
            <span
              aria-hidden
              className="tabular absolute top-0 right-0 rounded-full bg-amber px-1 text-[10px] leading-4 font-semibold text-bg"
            >
              {count}
            </span>
          )}
        </button>
      }
    >
      {query.data === undefined ? (
        query.isError ? (
          <Failure error={query.error} onRetry={() => void query.refetch()} className="m-1" />
        ) : (
          <SkeletonRows count={3} className="h-14" />
        )
      ) : query.data.length === 0 ? (
        <p className="px-2.5 py-3 text-muted">
          No notices yet. Runs that wait for you and comments that mention you are listed here.
        </p>
      ) : (
        query.data.map((notice) => <NoticeItem key={notice.id} notice={notice} isNew={fresh.has(notice.id)} />)
      )}
    </Menu>
  );
}

function NoticeItem({ isNew, notice: { atMs, reason, run, text, ticket } }: { notice: Notice; isNew: boolean }) {
  const router = useRouter();
  const { icon: Icon, words } = reasons[reason];
  const open = () => {
    if (run !== null) void router.navigate({ to: "/runs/$runId", params: { runId: run.id } });
    else if (ticket !== null)
      void router.navigate({
        to: "/projects/$projectId/board",
        params: { projectId: ticket.projectId },
        search: { ticket: ticket.id },
      });
  };
  return (
    <MenuItem onSelect={open}>
      <Icon className={cx("mt-0.5 size-4 shrink-0 self-start", isNew ? "text-amber" : "text-muted")} aria-hidden />
      <span className="min-w-0 flex-1">
        <span className="flex items-baseline gap-2">
          <span className={cx("min-w-0 flex-1 truncate", isNew && "font-medium")}>
            {run === null ? `${ticket?.key ?? ""} ${ticket?.title ?? ""}` : `${words}: ${run.title}`}
          </span>
          <TimeAgo atMs={atMs} className="shrink-0 text-xs text-muted" />
        </span>
        <span className="line-clamp-2 text-xs break-words text-soft">{text}</span>
      </span>
      {isNew && <span className="sr-only">New</span>}
    </MenuItem>
  );
}
