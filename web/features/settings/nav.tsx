import { Link } from "@tanstack/react-router";

const places = [
  { to: "/settings", label: "Instructions", exact: true },
  { to: "/settings/projects", label: "Projects", exact: false },
  { to: "/settings/repositories", label: "Repositories", exact: true },
  { to: "/settings/budgets", label: "Budgets", exact: true },
  { to: "/settings/models", label: "Models", exact: true },
] as const;

/** The parts of the settings, each a page of its own. */
export function SettingsNav() {
  return (
    <nav aria-label="Settings" className="-mb-2 flex gap-0.5 overflow-x-auto border-b border-line">
      {places.map(({ exact, label, to }) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ exact, includeSearch: false }}
          className="relative flex h-9 shrink-0 items-center px-2 text-sm text-muted -outline-offset-2 hover:text-text data-[status=active]:font-medium data-[status=active]:text-text data-[status=active]:after:absolute data-[status=active]:after:inset-x-2 data-[status=active]:after:-bottom-px data-[status=active]:after:h-0.5 data-[status=active]:after:rounded-full data-[status=active]:after:bg-text"
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
