/** The mark: a slice of lime. */
export function Logo({ className = "size-5" }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden className={className} fill="none">
      <circle cx="16" cy="16" r="12.5" stroke="var(--lime)" strokeWidth="4" />
      <path d="M16 4v24M4 16h24M7.5 7.5l17 17M24.5 7.5l-17 17" stroke="var(--lime)" strokeWidth="1.8" />
      <circle cx="16" cy="16" r="3" fill="var(--bg)" stroke="var(--lime)" strokeWidth="2" />
    </svg>
  );
}
