import { expect, test } from "vitest";
import { findTickets } from "../../../web/features/board/drawer/links/find-tickets.ts";
import { sampleTicket } from "./sample-ticket.ts";

const tickets = [
  sampleTicket("1", { title: "Parse the words" }),
  sampleTicket("2", { title: "Print what was parsed", updatedAtMs: 5 }),
  sampleTicket("12", { title: "Words for people", column: "done", updatedAtMs: 9 }),
  sampleTicket("3", { title: "Reparse", updatedAtMs: 1 }),
];

const found = (text: string, without: readonly string[] = []) =>
  findTickets(tickets, {
    text,
    mayChoose: ({ id }) => !without.includes(id),
    comesLater: ({ column }) => column === "done",
  }).map(({ id }) => id);

test("every word has to be in the key or the title, whatever its case", () => {
  expect(found("PARSE")).toEqual(["1", "2", "3"]);
  expect(found("words lime-1")).toEqual(["1", "12"]);
  expect(found("parse people")).toEqual([]);
});

test("a key or its number comes first, then the start of a title, of a word, and anything else", () => {
  expect(found("lime-1")).toEqual(["1", "12"]);
  expect(found("2")).toEqual(["2", "12"]);
  expect(found("words")).toEqual(["12", "1"]);
});

test("without a text all that can be chosen come, open ones first and of those the one that was changed last", () => {
  expect(found("")).toEqual(["2", "3", "1", "12"]);
  expect(found(" ", ["2", "12"])).toEqual(["3", "1"]);
});
