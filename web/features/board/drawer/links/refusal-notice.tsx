import type { LinkRefusal } from "../../links.ts";

/** Why something was not done, beside the field that asked for it. */
export function RefusalNotice({ refusal }: { refusal: LinkRefusal | null }) {
  if (refusal === null) return null;
  return (
    <p role="alert" className="my-1 rounded-lg border border-red-line bg-red-soft px-3 py-2 text-sm">
      <span className="font-medium">{refusal.title}.</span> {refusal.detail}
    </p>
  );
}
