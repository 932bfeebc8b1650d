import { defineConfig } from "vitest/config";
import { workersProject } from "./vitest.workers.config.ts";

// The slow tests in workerd: a fault at each call to D1 and at each request of a run's loop.
export default defineConfig(async () => {
  const project = await workersProject(true);
  return { ...project, test: { ...project.test, silent: "passed-only" as const } };
});
