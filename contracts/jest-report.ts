import * as z from "zod";

const jestReportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string().default(""),
      status: z.string().optional(),
      assertionResults: z
        .array(
          z.object({
            ancestorTitles: z.array(z.string()).default([]),
            title: z.string().default(""),
            status: z.string().optional(),
          }),
        )
        .default([]),
    }),
  ),
});

/** The report that Jest and Vitest write as JSON. */
export type JestReport = z.infer<typeof jestReportSchema>;

/** The value as such a report; undefined when it is none. */
export function parseJestReport(value: unknown): JestReport | undefined {
  return jestReportSchema.safeParse(value).data;
}
