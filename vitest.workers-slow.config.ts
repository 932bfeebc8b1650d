import { defineConfig } from "vitest/config";
import { workersProject } from "./vitest.workers.config.ts";

// The slow tests in workerd: a fault at each call to D1 and at each request of a run's loop.
export default defineConfig(async () => workersProject(true));
