import { useEffect, useRef } from "react";
import { toast as show, Toaster as Sonner } from "sonner";
import { useShownTheme } from "../lib/theme.ts";
import type { Toast } from "../lib/toast.ts";

/** Shows each toast of the list once. */
export function Toaster({ toasts }: { toasts: readonly Toast[] }) {
  const theme = useShownTheme();
  const shown = useRef(new Set<Toast>());
  useEffect(() => {
    for (const each of toasts) {
      if (shown.current.has(each)) continue;
      shown.current.add(each);
      show(each.title, {
        id: each.id,
        description: each.detail,
        ...(each.action === undefined ? {} : { action: { label: each.action.label, onClick: each.action.run } }),
      });
    }
  }, [toasts]);
  return (
    <Sonner
      theme={theme}
      position="bottom-right"
      toastOptions={{
        style: {
          background: "var(--raised)",
          color: "var(--text)",
          borderColor: "var(--line)",
          fontFamily: "var(--font-sans)",
        },
      }}
    />
  );
}
