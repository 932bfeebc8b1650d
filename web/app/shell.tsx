import { useQuery } from "@tanstack/react-query";
import { Link, Outlet } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useHotkey } from "../lib/hotkeys.ts";
import { runsQuery } from "../lib/queries.ts";
import { cx } from "../components/ui/cx.ts";
import { useFeed } from "./feed.ts";
import { destinations, Sidebar } from "./sidebar.tsx";
import { TopBar } from "./top-bar.tsx";
import { useRunWatch } from "./run-watch.ts";

const Palette = lazy(async () => ({ default: (await import("./palette.tsx")).Palette }));

function foldedAtStart(): boolean {
  try {
    return localStorage.getItem("sidebar") === "folded";
  } catch {
    return false;
  }
}

/** The frame around every page of a signed-in person: sidebar, top bar, palette; a bar at the bottom on phones. */
export function Shell() {
  useFeed();
  useRunWatch();
  const [paletteOpen, setPaletteOpen] = useState(false);
  const [paletteUsed, setPaletteUsed] = useState(false);
  const [folded, setFolded] = useState(foldedAtStart);
  const openPalette = () => {
    setPaletteUsed(true);
    setPaletteOpen(true);
  };
  useHotkey("k", () => (paletteOpen ? setPaletteOpen(false) : openPalette()), { mod: true });
  const toggleFold = () => {
    setFolded(!folded);
    try {
      localStorage.setItem("sidebar", folded ? "open" : "folded");
    } catch {
      // Storage may be blocked: the fold then lasts as long as the tab.
    }
  };
  return (
    <div className="flex h-full">
      <a
        href="#page"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:m-2 focus:rounded-lg focus:bg-raised focus:px-3 focus:py-2"
      >
        Skip to the page
      </a>
      <Sidebar folded={folded} onToggleFold={toggleFold} onSearch={openPalette} />
      <div className="flex min-w-0 flex-1 flex-col">
        <TopBar onSearch={openPalette} />
        <main id="page" tabIndex={-1} className="min-h-0 flex-1 overflow-hidden">
          <Outlet />
        </main>
        <BottomBar />
      </div>
      {paletteUsed && (
        <Suspense fallback={null}>
          <Palette open={paletteOpen} onOpenChange={setPaletteOpen} />
        </Suspense>
      )}
    </div>
  );
}

function BottomBar() {
  const waiting = useQuery(runsQuery("waiting", 20)).data?.length ?? 0;
  return (
    <nav
      aria-label="Main"
      className="flex shrink-0 border-t border-line bg-panel pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {destinations.map(({ to, short, icon: Icon, exact }) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ exact, includeSearch: false }}
          className="group relative flex flex-1 flex-col items-center gap-0.5 py-1.5 text-xs text-muted data-[status=active]:text-text"
        >
          <Icon className={cx("size-5 group-data-[status=active]:text-lime-text")} aria-hidden />
          {short}
          {to === "/runs" && waiting > 0 && (
            <span className="absolute top-1 left-1/2 ml-2 rounded-full bg-amber px-1 text-[10px] leading-4 font-semibold text-bg">
              {waiting}
            </span>
          )}
        </Link>
      ))}
    </nav>
  );
}
