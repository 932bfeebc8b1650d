import { useMutation } from "@tanstack/react-query";
import { Link, useRouterState } from "@tanstack/react-router";
import { ChevronRight, LogOut, Monitor, Moon, Play, Search, Sun } from "lucide-react";
import { Avatar } from "../components/ui/badges.tsx";
import { buttonClass } from "../components/ui/button.tsx";
import { cx } from "../components/ui/cx.ts";
import { Logo } from "../components/ui/logo.tsx";
import { Menu, MenuChoices, MenuItem, MenuRule } from "../components/ui/menu.tsx";
import { signOut } from "../lib/auth.ts";
import { useConnection } from "../lib/connection.ts";
import { useShownCrumbs } from "../lib/crumbs.ts";
import { useMe } from "../lib/me.ts";
import { setTheme, useTheme, type Theme } from "../lib/theme.ts";
import { NoticeBell } from "./notice-bell.tsx";

/** Where one is, how the live connection does, theme, "Run agent", and the person. */
export function TopBar({ onSearch }: { onSearch: () => void }) {
  const atStart = useRouterState({ select: (state) => state.location.pathname === "/" });
  return (
    <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line px-3 md:px-4">
      <Link to="/" className="md:hidden" aria-label="Command Center">
        <Logo />
      </Link>
      <Breadcrumb />
      <ConnectionDot />
      <div className="ml-auto flex items-center gap-1.5">
        <button
          type="button"
          onClick={onSearch}
          className={buttonClass("ghost", "icon", "md:hidden")}
          aria-label="Search"
        >
          <Search className="size-4" aria-hidden />
        </button>
        <NoticeBell />
        <ThemeSwitch />
        {!atStart && (
          <Link to="/" className={buttonClass("primary", "sm")}>
            <Play className="size-3.5" aria-hidden />
            <span className="hidden sm:inline">Run agent</span>
            <span className="sm:hidden">Run</span>
          </Link>
        )}
        <UserMenu />
      </div>
    </header>
  );
}

function Breadcrumb() {
  const crumbs = useShownCrumbs();
  return (
    <nav aria-label="Breadcrumb" className="min-w-0">
      <ol className="flex min-w-0 items-center gap-1">
        {crumbs.map((crumb, index) => {
          const last = index === crumbs.length - 1;
          return (
            <li
              key={`${index}${crumb.label}`}
              className={cx("flex min-w-0 items-center gap-1", !last && "hidden shrink-0 sm:flex")}
            >
              {index > 0 && <ChevronRight className="hidden size-3.5 shrink-0 text-muted sm:block" aria-hidden />}
              {crumb.href !== undefined && !last ? (
                <Link to={crumb.href} className="text-muted hover:text-text">
                  {crumb.label}
                </Link>
              ) : (
                <span
                  className={cx("truncate", last ? "font-medium" : "text-muted")}
                  aria-current={last ? "page" : undefined}
                >
                  {crumb.label}
                </span>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

const connectionWords = { live: "Live", connecting: "Connecting", lost: "Reconnecting" } as const;

function ConnectionDot() {
  const connection = useConnection();
  if (connection === null) return null;
  return (
    <span
      role="status"
      className="ml-1 flex shrink-0 items-center gap-1.5 text-xs text-muted"
      title={connection === "live" ? "Following live" : "The page catches up by itself"}
    >
      <span
        aria-hidden
        className={cx("size-1.5 rounded-full", connection === "live" ? "bg-green" : "animate-pulse bg-amber")}
      />
      <span className={connection === "live" ? "sr-only sm:not-sr-only" : undefined}>
        {connectionWords[connection]}
      </span>
    </span>
  );
}

const themes = [
  { value: "system", label: "System" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
] as const;

function isTheme(value: string): value is Theme {
  return themes.some((theme) => theme.value === value);
}

function ThemeSwitch() {
  const theme = useTheme();
  const Icon = theme === "light" ? Sun : theme === "dark" ? Moon : Monitor;
  return (
    <Menu
      align="end"
      className="min-w-36"
      trigger={
        <button type="button" className={buttonClass("ghost", "icon")} aria-label={`Theme: ${theme}`} title="Theme">
          <Icon className="size-4" aria-hidden />
        </button>
      }
    >
      <MenuChoices value={theme} choices={themes} onChange={(value) => isTheme(value) && setTheme(value)} />
    </Menu>
  );
}

function UserMenu() {
  const { me, tenant } = useMe();
  const leave = useMutation({ mutationFn: signOut });
  return (
    <Menu
      align="end"
      className="w-60"
      trigger={
        <button type="button" className="rounded-full" aria-label={`Account of ${me.user.name}`}>
          <Avatar person={me.user} className="size-7" />
        </button>
      }
    >
      <div className="px-2 py-1.5">
        <p className="truncate font-medium">{me.user.name}</p>
        <p className="truncate text-xs text-muted">{me.user.email}</p>
        <p className="mt-1 truncate text-xs text-muted">
          {tenant.name} · {tenant.role}
        </p>
      </div>
      <MenuRule />
      <MenuItem onSelect={() => leave.mutate()} disabled={leave.isPending}>
        <LogOut className="size-4 text-muted" aria-hidden />
        Sign out
      </MenuItem>
    </Menu>
  );
}
