import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Columns3, PanelLeftClose, PanelLeftOpen, Play, Plus, Search, Settings, Sparkles } from "lucide-react";
import { Kbd } from "../components/ui/badges.tsx";
import { cx } from "../components/ui/cx.ts";
import { Logo } from "../components/ui/logo.tsx";
import { Skeleton } from "../components/ui/skeleton.tsx";
import { modKey } from "../lib/hotkeys.ts";
import { useCan, useMe } from "../lib/me.ts";
import { isOpen } from "../lib/projects.ts";
import { projectsQuery, runsQuery } from "../lib/queries.ts";

export const destinations = [
  { to: "/", label: "Command Center", short: "Command", icon: Sparkles, exact: true },
  { to: "/board", label: "Board", short: "Board", icon: Columns3, exact: true },
  { to: "/runs", label: "Runs", short: "Runs", icon: Play, exact: false },
  { to: "/settings", label: "Settings", short: "Settings", icon: Settings, exact: false },
] as const;

const entry =
  "flex h-8 items-center gap-2.5 rounded-lg px-2 text-sm text-soft hover:bg-hover hover:text-text data-[status=active]:bg-active data-[status=active]:font-medium data-[status=active]:text-text";

interface SidebarProps {
  readonly folded: boolean;
  readonly onToggleFold: () => void;
  readonly onSearch: () => void;
}

/** The left bar: tenant, search, places, projects. Folds to icons; phones have the bottom bar instead. */
export function Sidebar({ folded, onToggleFold, onSearch }: SidebarProps) {
  const { tenant } = useMe();
  const projects = useQuery(projectsQuery);
  const waiting = useQuery(runsQuery("waiting", 20)).data?.length ?? 0;
  const mayCreate = useCan("project.create");
  const hideable = folded ? "hidden" : "hidden lg:block";
  return (
    <nav
      aria-label="Main"
      className={cx(
        "hidden shrink-0 flex-col gap-3 border-r border-line bg-panel px-2.5 py-2.5 md:flex",
        folded ? "w-14" : "w-14 lg:w-(--sidebar)",
      )}
    >
      <div className="flex h-8 items-center gap-2 px-1.5" title={tenant.name}>
        <Logo className="size-5.5 shrink-0" />
        <span className={cx("min-w-0 flex-1 truncate font-semibold", hideable)}>{tenant.name}</span>
      </div>

      <button
        type="button"
        onClick={onSearch}
        aria-label="Search"
        className={cx(
          "flex h-8 items-center gap-2 rounded-lg border border-line bg-card px-2 text-muted hover:border-line-strong",
          folded && "justify-center",
        )}
      >
        <Search className="size-4 shrink-0" aria-hidden />
        <span className={cx("flex-1 text-left", hideable)}>Search</span>
        <Kbd className={cx(folded ? "hidden!" : "hidden! lg:inline-flex!")}>{modKey} K</Kbd>
      </button>

      <ul className="flex flex-col gap-0.5">
        {destinations.map(({ to, label, icon: Icon, exact }) => (
          <li key={to}>
            <Link
              to={to}
              activeOptions={{ exact, includeSearch: false }}
              className={entry}
              title={label}
              aria-label={label}
            >
              <Icon className="size-4 shrink-0" aria-hidden />
              <span className={cx("flex-1", hideable)}>{label}</span>
              {to === "/runs" && waiting > 0 && (
                <span
                  className={cx("tabular rounded-full bg-amber-soft px-1.5 text-xs font-medium text-amber", hideable)}
                  title={`${waiting} waiting for a person`}
                >
                  {waiting}
                </span>
              )}
            </Link>
          </li>
        ))}
      </ul>

      <section aria-label="Projects" className={cx("min-h-0 overflow-y-auto", hideable)}>
        <div className="flex h-6 items-center justify-between pb-1 pl-2">
          <h2 className="text-xs text-muted">Projects</h2>
          {mayCreate && (
            <Link
              to="/settings/projects"
              search={{ new: "1" }}
              aria-label="New project"
              title="New project"
              className="flex size-6 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-text"
            >
              <Plus className="size-3.5" aria-hidden />
            </Link>
          )}
        </div>
        {projects.isPending && <Skeleton className="mx-2 my-2 h-4 w-28" />}
        <ul className="flex flex-col gap-0.5">
          {projects.data?.filter(isOpen).map((project) => (
            <li key={project.id}>
              <Link
                to="/projects/$projectId/board"
                params={{ projectId: project.id }}
                activeOptions={{ includeSearch: false }}
                className={entry}
              >
                <span className="flex h-4.5 min-w-4.5 items-center justify-center rounded bg-active px-1 font-mono text-[9.5px] font-semibold text-soft">
                  {project.key.slice(0, 4)}
                </span>
                <span className="truncate">{project.name}</span>
              </Link>
            </li>
          ))}
        </ul>
      </section>

      <button
        type="button"
        onClick={onToggleFold}
        className="mt-auto hidden size-8 items-center justify-center rounded-lg text-muted hover:bg-hover hover:text-text lg:flex"
        aria-label={folded ? "Unfold the sidebar" : "Fold the sidebar"}
        title={folded ? "Unfold the sidebar" : "Fold the sidebar"}
      >
        {folded ? <PanelLeftOpen className="size-4" aria-hidden /> : <PanelLeftClose className="size-4" aria-hidden />}
      </button>
    </nav>
  );
}
