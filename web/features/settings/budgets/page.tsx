import { Wallet } from "lucide-react";
import { useCrumbs } from "../../../lib/crumbs.ts";
import { SettingsFrame } from "../frame.tsx";
import { OpenProjects } from "../open-projects.tsx";
import { BudgetCard } from "./card.tsx";

/** Each project's monthly budget, its spend, and the limits that its runs begin with. */
export function BudgetsPage() {
  useCrumbs({ label: "Settings", href: "/settings" }, { label: "Budgets" });
  return (
    <SettingsFrame>
      <header>
        <h1 className="text-xl font-semibold tracking-tight">Budgets</h1>
        <p className="mt-1 text-muted">
          A project’s budget counts all its runs in a UTC calendar month. Every model call is reserved before it is
          made, so runs that work at once go over it by one call at most. When it is used up, runs stop and wait;
          nothing is lost.
        </p>
      </header>
      <OpenProjects icon={<Wallet aria-hidden />} empty="A project has a budget once there is one.">
        {(project) => <BudgetCard project={project} />}
      </OpenProjects>
    </SettingsFrame>
  );
}
