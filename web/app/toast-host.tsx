import { lazy, Suspense, useEffect, useState } from "react";
import { onToast, type Toast } from "../lib/toast.ts";

const Toaster = lazy(async () => ({ default: (await import("./toaster.tsx")).Toaster }));

/** Loads the toaster with the first toast. */
export function ToastHost() {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  useEffect(() => onToast((next) => setToasts((before) => [...before.slice(-20), next])), []);
  if (toasts.length === 0) return null;
  return (
    <Suspense fallback={null}>
      <Toaster toasts={toasts} />
    </Suspense>
  );
}
