import { expect, it } from "vitest";
import * as z from "zod";
import { toolInputs } from "../../../local/model/agent/tool-inputs.ts";
import { builtInTools } from "../../../worker/services/run/tools/registry.ts";

/** The names and types of a JSON Schema, without limits, descriptions and examples. */
function shape(schema: unknown): unknown {
  const dropped = new Set([
    "$schema",
    "description",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minimum",
    "maximum",
  ]);
  return JSON.parse(JSON.stringify(schema), function (this: unknown, key: string, value: unknown) {
    const isKeyword = typeof value === "string" || typeof value === "number";
    return isKeyword && dropped.has(key) ? undefined : value;
  });
}

it.each(Object.entries(toolInputs))("the demo agent's %s has the fields of the product's tool", (name, schema) => {
  const tool = builtInTools.find((each) => each.name === name);
  expect(shape(z.toJSONSchema(schema, { io: "input" }))).toEqual(shape(tool?.shown().inputSchema));
});
