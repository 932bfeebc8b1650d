import { Outlet } from "@tanstack/react-router";
import { WifiOff } from "lucide-react";
import { useSyncExternalStore } from "react";
import { ToastHost } from "./toast-host.tsx";

function subscribeOnline(listener: () => void): () => void {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}

function OfflineBanner() {
  const online = useSyncExternalStore(subscribeOnline, () => navigator.onLine);
  if (online) return null;
  return (
    <div
      role="status"
      className="flex shrink-0 items-center justify-center gap-2 border-b border-amber-line bg-amber-soft px-3 py-1 text-xs text-amber"
    >
      <WifiOff className="size-3.5" aria-hidden />
      You are offline. What you see may be old; drafts are kept.
    </div>
  );
}

/** Around every page: the offline banner above it and the place where toasts appear. */
export function Root() {
  return (
    <div className="flex h-dvh flex-col">
      <OfflineBanner />
      <div className="min-h-0 flex-1">
        <Outlet />
      </div>
      <ToastHost />
    </div>
  );
}
