import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { Command } from "cmdk";
import { Columns3, Monitor, Moon, Plus, Search, SquareKanban, Sun } from "lucide-react";
import { Dialog } from "radix-ui";
import { useState, type ReactNode } from "react";
import type { FoundTicket } from "../../contracts/ticket-search.ts";
import { StateDot } from "../components/ui/badges.tsx";
import { useMe } from "../lib/me.ts";
import { boardQuery, projectsQuery, runsQuery, ticketSearchQuery } from "../lib/queries.ts";
import { usePaused } from "../lib/paused.ts";
import { isOpen } from "../lib/projects.ts";
import { setTheme } from "../lib/theme.ts";
import { stateLabel } from "../lib/words.ts";
import { offersFor } from "./palette-offers.ts";
import { destinations } from "./sidebar.tsx";

const item = "flex h-9 cursor-default items-center gap-2.5 rounded-lg px-2.5 text-sm data-[selected=true]:bg-hover";
const group =
  "px-1.5 pb-1.5 [&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-muted";

/** The command palette: every place, run, ticket of the first open project, and a few things to do. */
export function Palette({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const router = useRouter();
  const { role } = useMe();
  const projects = useQuery(projectsQuery).data?.filter(isOpen);
  const runs = useQuery({ ...runsQuery("all", 12), enabled: open });
  const firstProject = projects?.[0]?.id;
  const board = useQuery({
    ...boardQuery(firstProject ?? "0"),
    enabled: open && firstProject !== undefined,
  });
  const [text, setText] = useState("");
  const tickets = useFoundTickets(text, board.data?.tickets ?? noTickets, open);

  const go = (action: () => void) => () => {
    onOpenChange(false);
    action();
  };
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40" style={{ background: "rgb(0 0 0 / 0.3)" }} />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-[12vh] left-1/2 z-50 w-[min(36rem,calc(100vw-1.5rem))] -translate-x-1/2 overflow-hidden rounded-2xl border border-line bg-raised shadow-pop"
        >
          <Dialog.Title className="sr-only">Search and commands</Dialog.Title>
          <Command label="Search and commands" loop>
            <div className="flex items-center gap-2.5 border-b border-line px-4">
              <Search className="size-4 text-muted" aria-hidden />
              <Command.Input
                value={text}
                onValueChange={setText}
                placeholder="Go to, open, do…"
                className="h-12 flex-1 bg-transparent text-base focus-visible:outline-none"
              />
            </div>
            <Command.List className="max-h-[50vh] overflow-y-auto pt-1">
              <Command.Empty className="px-4 py-8 text-center text-muted">
                Nothing found. Try a ticket’s key or a word of a run’s title.
              </Command.Empty>
              <Command.Group heading="Go to" className={group}>
                {destinations.map(({ to, label, icon: Icon }) => (
                  <Entry key={to} value={`go ${label}`} onSelect={go(() => void router.navigate({ to }))}>
                    <Icon className="size-4 text-muted" aria-hidden />
                    {label}
                  </Entry>
                ))}
                {projects?.map((project) => (
                  <Entry
                    key={project.id}
                    value={`board ${project.name} ${project.key}`}
                    onSelect={go(
                      () =>
                        void router.navigate({ to: "/projects/$projectId/board", params: { projectId: project.id } }),
                    )}
                  >
                    <Columns3 className="size-4 text-muted" aria-hidden />
                    Board of {project.name}
                  </Entry>
                ))}
              </Command.Group>
              <Command.Group heading="Do" className={group}>
                {offersFor(role).map(({ label, link, value }) => (
                  <Entry key={value} value={value} onSelect={go(() => void router.navigate(link))}>
                    <Plus className="size-4 text-muted" aria-hidden />
                    {label}
                  </Entry>
                ))}
                <Entry value="theme light" onSelect={go(() => setTheme("light"))}>
                  <Sun className="size-4 text-muted" aria-hidden />
                  Light theme
                </Entry>
                <Entry value="theme dark" onSelect={go(() => setTheme("dark"))}>
                  <Moon className="size-4 text-muted" aria-hidden />
                  Dark theme
                </Entry>
                <Entry value="theme system" onSelect={go(() => setTheme("system"))}>
                  <Monitor className="size-4 text-muted" aria-hidden />
                  Theme of the system
                </Entry>
              </Command.Group>
              {runs.data !== undefined && runs.data.length > 0 && (
                <Command.Group heading="Runs" className={group}>
                  {runs.data.map((run) => (
                    <Entry
                      key={run.id}
                      value={`run ${run.id} ${run.title}`}
                      onSelect={go(() => void router.navigate({ to: "/runs/$runId", params: { runId: run.id } }))}
                    >
                      <StateDot state={run.state} className="mx-1" />
                      <span className="min-w-0 flex-1 truncate">{run.title}</span>
                      <span className="text-xs text-muted">{stateLabel(run.state)}</span>
                    </Entry>
                  ))}
                </Command.Group>
              )}
              {tickets.length > 0 && (
                <Command.Group heading="Tickets" className={group}>
                  {tickets.map((ticket) => (
                    <Entry
                      key={ticket.id}
                      value={`ticket ${ticket.key} ${ticket.title} ${ticket.words}`}
                      onSelect={go(
                        () =>
                          void router.navigate({
                            to: "/projects/$projectId/board",
                            params: { projectId: ticket.projectId },
                            search: { ticket: ticket.id },
                          }),
                      )}
                    >
                      <SquareKanban className="size-4 text-muted" aria-hidden />
                      <span className="tabular w-16 shrink-0 text-xs text-muted">{ticket.key}</span>
                      <span className="min-w-0 flex-1 truncate">{ticket.title}</span>
                    </Entry>
                  ))}
                </Command.Group>
              )}
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

type ListedTicket = Pick<FoundTicket, "id" | "projectId" | "key" | "title">;
const noTickets: readonly ListedTicket[] = [];

/**
 * The known tickets, and those of the whole tenant that the server finds for a text. The palette filters by the words of each entry: of a
 * ticket that was found in its description these are the text itself.
 */
function useFoundTickets(text: string, known: readonly ListedTicket[], open: boolean) {
  const asked = usePaused(text.trim());
  const enabled =
    open && asked.length <= 200 && (Array.from(asked).length >= 3 || /^(?:[a-z]{2,6}-|#)?[1-9]\d*$/iu.test(asked));
  const { data } = useQuery({ ...ticketSearchQuery(asked, null), enabled, placeholderData: keepPreviousData });
  const found = enabled ? (data ?? []).slice(0, 20) : noTickets;
  const isKnown = new Set(found.map(({ id }) => id));
  return [
    ...found.map((ticket) => ({ ...ticket, words: text })),
    ...known.filter(({ id }) => !isKnown.has(id)).map((ticket) => ({ ...ticket, words: "" })),
  ];
}

function Entry({ value, onSelect, children }: { value: string; onSelect: () => void; children: ReactNode }) {
  return (
    <Command.Item value={value} onSelect={onSelect} className={item}>
      {children}
    </Command.Item>
  );
}
