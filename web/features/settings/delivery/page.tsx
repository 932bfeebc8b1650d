import { GitPullRequestArrow } from "lucide-react";
import { useCrumbs } from "../../../lib/crumbs.ts";
import { SettingsFrame } from "../frame.tsx";
import { OpenProjects } from "../open-projects.tsx";
import { DeliveryCard } from "./card.tsx";
import { Installations } from "./installations.tsx";

/** The repositories of each project, and how runs over several of them are delivered. */
export function DeliveryPage() {
  useCrumbs({ label: "Settings", href: "/settings" }, { label: "Repositories" });
  return (
    <SettingsFrame>
      <header>
        <h1 className="text-xl font-semibold tracking-tight">Repositories</h1>
        <p className="mt-1 text-muted">
          How runs over several repositories of a project are delivered, how each is tested, and which is written before
          which. A change counts for runs that start later.
        </p>
      </header>
      <Installations />
      <OpenProjects icon={<GitPullRequestArrow aria-hidden />} empty="A project delivers its runs once there is one.">
        {(project) => <DeliveryCard project={project} />}
      </OpenProjects>
    </SettingsFrame>
  );
}
