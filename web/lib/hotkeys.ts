import { useEffect, useRef } from "react";

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))
  );
}

/**
 * Calls `handler` when `key` (as in KeyboardEvent.key, lower case) is pressed anywhere on the page. Plain keys are left alone while
 * somebody types or a dialog is open; `mod` asks for Cmd or Ctrl and works everywhere.
 */
export function useHotkey(
  key: string,
  handler: () => void,
  { mod = false, enabled = true }: { mod?: boolean; enabled?: boolean } = {},
): void {
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  });
  useEffect(() => {
    if (!enabled) return;
    const listen = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== key || event.altKey || event.defaultPrevented) return;
      if ((event.metaKey || event.ctrlKey) !== mod) return;
      if (!mod && (isTyping(event.target) || document.querySelector("[role=dialog],[role=menu]") !== null)) return;
      event.preventDefault();
      latest.current();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [key, mod, enabled]);
}

/**
 * J and K, and the arrow keys, move the focus among the elements of `container` that match `selector`.
 * Returns the handler for the container's onKeyDown.
 */
export function moveFocusIn(container: HTMLElement | null, selector: string, key: string): boolean {
  const step = key === "j" || key === "ArrowDown" ? 1 : key === "k" || key === "ArrowUp" ? -1 : 0;
  if (step === 0 || container === null) return false;
  const items = [...container.querySelectorAll<HTMLElement>(selector)];
  const current = items.findIndex((item) => item === document.activeElement);
  const next =
    items[
      current === -1 ? (step === 1 ? 0 : items.length - 1) : Math.min(items.length - 1, Math.max(0, current + step))
    ];
  next?.focus();
  return next !== undefined;
}

/** The word on the key that acts as modifier on this machine. */
export const modKey = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl";
