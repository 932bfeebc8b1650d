import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createQueryClient } from "../lib/queries.ts";
import { createAppRouter } from "./router.tsx";
import "./styles.css";

const queryClient = createQueryClient();
const router = createAppRouter(queryClient);

// After a deployment, old chunks are gone: one reload fetches the new ones.
window.addEventListener("vite:preloadError", (event) => {
  const reloadedAt = Number(sessionStorage.getItem("chunk-reload") ?? "0");
  if (Date.now() - reloadedAt < 10_000) return;
  event.preventDefault();
  sessionStorage.setItem("chunk-reload", String(Date.now()));
  window.location.reload();
});

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element #root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
