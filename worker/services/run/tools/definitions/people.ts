import * as z from "zod";
import { defineTool } from "../definition.ts";

/** Stops the run until a person has answered. */
export const askPersonTool = defineTool({
  name: "ask_person",
  description: "Asks a person and waits for the answer. Only for what nobody but a person can decide.",
  schema: z.strictObject({
    question: z.string().min(1).max(4000).describe("What only a person can decide. The run waits for the answer"),
  }),
  // The reviewer of a run's own work has the coder's request to go by; only the author of a product may ask.
  stages: ["architect", "planner", "coder", "author"],
  mutates: false,
  repeatable: true,
  constrainable: false,
  asks: "person",
});
