import { ExternalLink } from "lucide-react";
import type { ReactNode } from "react";

/** A link that leaves the site. */
export function OutLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <a
      href={href}
      target="_blank"
      rel="noopener noreferrer"
      className="inline-flex items-center gap-1 underline decoration-line-strong underline-offset-2 hover:decoration-current"
    >
      {children}
      <ExternalLink className="size-3 text-muted" aria-hidden />
    </a>
  );
}
