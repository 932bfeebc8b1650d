import { describe, expect, test } from "vitest";
import { activityWords } from "../../../web/features/board/drawer/conversation/activity-words.ts";

const say = (action: string, data: Readonly<Record<string, unknown>> = {}) =>
  activityWords({ action, data }, (id) => (id === "todo" ? "Todo" : "Done"));

describe("the activity of a ticket, in words", () => {
  test.each([
    ["ticket.created", { title: "First" }, "made the ticket"],
    ["ticket.edited", { fields: ["title"] }, "changed the title"],
    ["ticket.edited", { fields: ["labels", "repositoryId", "parentId"] }, "changed the labels, repository and parent"],
    ["ticket.moved", { from: "todo", to: "done" }, "moved it from Todo to Done"],
    ["ticket.moved", { from: "todo", to: "todo" }, "moved it within Todo"],
    ["ticket.moved", { from: null, to: "done" }, "moved it to Done"],
    ["ticket.linked", { dependsOn: { id: "3", key: "LIME-3" } }, "made it depend on LIME-3"],
    ["ticket.unlinked", { dependsOn: { id: "3", key: "" } }, "took its dependency on another ticket away"],
    ["file.attached", { name: "shot.png" }, "attached “shot.png”"],
    ["comment.restored", {}, "restored a comment"],
  ])("%s %j: %s", (action, data, words) => {
    expect(say(action, data)).toBe(words);
  });

  test("an action or data that this page does not know are no failure", () => {
    expect(say("ticket.sent_away")).toBe("did: ticket sent away");
    expect(say("toString")).toBe("did: toString");
    for (const action of ["ticket.edited", "ticket.moved", "ticket.linked", "file.attached"])
      expect(say(action)).not.toContain("undefined");
  });
});
