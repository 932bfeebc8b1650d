import { useEffect, useState } from "react";

/** Letters that follow sooner than this ask together. */
const pauseMs = 250;

/** A text as it was when it had rested for a moment. */
export function usePaused(text: string): string {
  const [paused, setPaused] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(text), pauseMs);
    return () => clearTimeout(timer);
  }, [text]);
  return paused;
}
