import { useEffect, useState } from "react";
import type { Ticket } from "../../../../../contracts/project.ts";
import { TabPanel, Tabs } from "../../../../components/ui/tabs.tsx";
import { useBoardParts } from "../../parts.ts";
import { Activity } from "./activity.tsx";
import { Comments } from "./comments.tsx";
import { Files } from "./files.tsx";

/** A ticket's files, comments and activity. */
export function Conversation({ ticket }: { ticket: Ticket }) {
  const { talk } = useBoardParts();
  const { id } = ticket;
  const [tab, setTab] = useState<"comments" | "activity">("comments");
  useEffect(() => {
    talk.shown = id;
    return () => {
      talk.shown = null;
      talk.removals.forget(id);
      talk.files.removals.forget(id);
    };
  }, [talk, id]);
  const count = <span className="tabular text-xs text-muted">{ticket.commentCount}</span>;
  return (
    <>
      <Files ticket={ticket} />
      <Tabs
        value={tab}
        onChange={setTab}
        label="Comments and activity"
        tabs={[
          { value: "comments", label: "Comments", ...(ticket.commentCount > 0 ? { badge: count } : {}) },
          { value: "activity", label: "Activity" },
        ]}
        className="mt-8"
        listClassName="-mx-2 px-0"
      >
        <TabPanel value="comments">
          <Comments ticket={ticket} />
        </TabPanel>
        <TabPanel value="activity">
          <Activity ticket={ticket} />
        </TabPanel>
      </Tabs>
    </>
  );
}
