import { createServer, request as forward, type Server } from "node:http";
import { startModel } from "../../local/model/index.ts";

/** The local model behind a counter of the calls that the vendor would bill. */
export interface CountingModel {
  readonly url: string;
  /** Model calls that arrived since the start. */
  calls(): number;
  close(): Promise<void>;
}

/** Starts a model whose calls are counted where they arrive, independently of the Worker. */
export async function startCountingModel(): Promise<CountingModel> {
  const model = await startModel({ port: 0, deltaDelayMs: 8 });
  const target = new URL(model.url);
  let calls = 0;
  const server: Server = createServer((request, response) => {
    if (request.method === "POST" && /^\/v1\/(messages|responses)$/.test(request.url?.split("?")[0] ?? "")) calls += 1;
    const upstream = forward(
      { host: target.hostname, port: target.port, method: request.method, path: request.url, headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
        answer.on("error", () => response.destroy());
      },
    );
    upstream.on("error", () => response.destroy());
    // A Worker that dies in mid-call takes its connection along; the model must stop too.
    response.on("close", () => upstream.destroy());
    request.pipe(upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the counter has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    calls: () => calls,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await model.close();
    },
  };
}
