import * as z from "zod";
import { gateIdSchema } from "./run.ts";

/** Parts of run events that are read by themselves too: gates, reviews, documents, prompts. */
export const gateResultSchema = z.object({
  gate: gateIdSchema,
  status: z.enum(["pass", "fail", "skipped"]),
  evidence: z.array(z.object({ label: z.string(), value: z.string(), url: z.string().nullable() })),
});
export type GateResult = z.infer<typeof gateResultSchema>;

export const reviewSchema = z.object({
  verdict: z.enum(["approve", "send_back"]),
  summary: z.string(),
  findings: z.array(
    z.object({
      path: z.string(),
      line: z.int().nullable(),
      severity: z.enum(["blocker", "major", "minor", "note"]),
      message: z.string(),
      /** Last line of a range that begins at `line`. */
      endLine: z.int().nullable(),
      /** Text that would replace the line or the range. */
      suggestion: z.string().nullable(),
    }),
  ),
});
export type Review = z.infer<typeof reviewSchema>;

/** `pull_request_links` brings a pull request's text up to date once the pull requests that it links to are known. */
export const writeKinds = ["commit", "branch", "pull_request", "pull_request_links", "review"] as const;
export type WriteKind = (typeof writeKinds)[number];

export const artifactKinds = ["decision", "architecture", "scope", "plan", "review", "test_report"] as const;

/** A document that a stage made. A newer version stands beside the older ones. `data` fits the schema of its kind. */
export const artifactSchema = z.object({
  kind: z.enum(artifactKinds),
  version: z.int().min(1),
  title: z.string(),
  markdown: z.string(),
  data: z.record(z.string(), z.unknown()),
});
export type Artifact = z.infer<typeof artifactSchema>;

export const instructionLayers = ["default", "tenant", "project", "repository", "ticket", "prompt"] as const;

/** One part of a resolved prompt and the layer that it came from. */
export const promptPartSchema = z.object({ layer: z.enum(instructionLayers), source: z.string(), text: z.string() });
export type PromptPart = z.infer<typeof promptPartSchema>;
