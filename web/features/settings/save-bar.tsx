import { Check } from "lucide-react";
import { Button } from "../../components/ui/button.tsx";

interface SaveBarProps {
  /** Whether something differs from what is saved. */
  readonly isChanged: boolean;
  readonly isBusy: boolean;
  readonly isSaved: boolean;
  readonly onDiscard: () => void;
  readonly title?: string;
}

/** The end of a settings form: Save, Discard once something was changed, and a word when it is saved. */
export function SaveBar({ isBusy, isChanged, isSaved, onDiscard, title }: SaveBarProps) {
  return (
    <div className="flex items-center gap-2">
      <Button type="submit" look="primary" busy={isBusy} disabled={!isChanged} title={title}>
        Save
      </Button>
      {isChanged && (
        <Button look="ghost" disabled={isBusy} onClick={onDiscard}>
          Discard
        </Button>
      )}
      <span role="status" className="flex items-center gap-1 text-xs text-green empty:hidden">
        {isSaved && !isChanged && (
          <>
            <Check className="size-3.5" aria-hidden />
            Saved
          </>
        )}
      </span>
    </div>
  );
}
