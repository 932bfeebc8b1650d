import * as z from "zod";
import { startProductStack } from "./product-stack.ts";
import { howMany } from "./smoke.ts";
import { besideRow, printTable } from "./stats.ts";

/*
 * The reservation of a model call in its project's object, beside a bare object that inserts one row, both called from the Worker. Each
 * sample is the mean of ten calls in a row.
 */
const samples = howMany(60, 3);
const answer = z.object({ ours: z.number(), bare: z.number() });
const product = await startProductStack();
try {
  const { client, control, stack } = product;
  const project = stack.seeded?.project.id ?? "";
  const { activeTenantId } = await client.me();
  const times = { ours: [] as number[], bare: [] as number[] };
  for (let index = -3; index < samples; index += 1) {
    const taken = answer.parse(await control(`reserve?tenant=${activeTenantId}&project=${project}&run=1&calls=10`));
    if (index < 0) continue;
    times.ours.push(taken.ours);
    times.bare.push(taken.bare);
  }
  printTable([
    besideRow("reservation of a model call, p50", times.ours, times.bare, 0.5, "<= 2x"),
    besideRow("reservation of a model call, p95", times.ours, times.bare, 0.95),
  ]);
} finally {
  await product.close();
}
