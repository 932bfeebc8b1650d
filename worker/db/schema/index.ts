export * from "./tenancy.ts";
export * from "./connector.ts";
export * from "./project.ts";
export * from "./board.ts";
export * from "./run.ts";
export * from "./delivery.ts";
export * from "./ledger.ts";
export * from "./instruction.ts";
