import { isRecord } from "../llm/values.ts";

/** The keywords that a strict schema may use here; fewer than the vendor takes, so that a new limit of theirs can't refuse a call. */
const allowed = new Set([
  "type",
  "properties",
  "required",
  "additionalProperties",
  "description",
  "enum",
  "items",
  "anyOf",
]);

/**
 * True when a JSON Schema fits the vendor's strict function calling: every object closed, every property required, no
 * keyword beyond the common ones. https://developers.openai.com/api/docs/guides/structured-outputs#supported-schemas
 */
export function fitsStrict(schema: unknown): boolean {
  if (!isRecord(schema) || Object.keys(schema).some((key) => !allowed.has(key))) return false;
  if (schema["anyOf"] !== undefined) {
    return Array.isArray(schema["anyOf"]) && schema["anyOf"].every(fitsStrict);
  }
  switch (schema["type"]) {
    case "object": {
      const properties = schema["properties"];
      const required = schema["required"];
      return (
        schema["additionalProperties"] === false &&
        isRecord(properties) &&
        Array.isArray(required) &&
        Object.entries(properties).every(([name, value]) => required.includes(name) && fitsStrict(value))
      );
    }
    case "array":
      return fitsStrict(schema["items"]);
    case "string":
    case "number":
    case "integer":
    case "boolean":
    case "null":
      return true;
    default:
      return false;
  }
}
