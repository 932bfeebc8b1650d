import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type ProxyOptions } from "vite";

const apiOrigin = "http://127.0.0.1:8787";

/** Hands /api, sockets too, to the Worker. The Worker knows one origin: requests from this server's pages are shown as that one. */
const api: ProxyOptions = {
  target: apiOrigin,
  changeOrigin: true,
  ws: true,
  configure: (proxy) => {
    proxy.on("proxyReq", (request) => {
      if (request.getHeader("origin") !== undefined) request.setHeader("origin", apiOrigin);
    });
    proxy.on("proxyReqWs", (request) => request.setHeader("origin", apiOrigin));
  },
};

export default defineConfig({
  root: "web",
  plugins: [react(), tailwindcss()],
  build: {
    outDir: "../dist/web",
    emptyOutDir: true,
    manifest: true,
    target: "es2023",
  },
  server: { host: "127.0.0.1", port: 5173, proxy: { "/api": api } },
});
