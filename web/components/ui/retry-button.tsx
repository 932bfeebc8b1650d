import { RotateCcw } from "lucide-react";
import { Button } from "./button.tsx";
import { useSecondsUntil } from "./time.tsx";

/** Offers another try; before `atMs` it counts down instead. It stands beside an alert, not in it: the seconds are not read aloud. */
export function RetryButton({ onRetry, atMs }: { onRetry: () => void; atMs: number | null }) {
  const seconds = useSecondsUntil(atMs ?? 0);
  return (
    <Button size="sm" onClick={onRetry} disabled={seconds > 0} className="tabular">
      <RotateCcw className="size-3.5" aria-hidden />
      {seconds > 0 ? `Try again in ${seconds} s` : "Try again"}
    </Button>
  );
}
