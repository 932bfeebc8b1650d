import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";

export interface Received {
  readonly event: string;
  readonly guid: string;
  readonly isGenuine: boolean;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** The status of its answers; it counts only deliveries that it answers with 2xx. */
  status: number;
  close(): Promise<void>;
}

/** A webhook receiver that checks each signature as a product would. */
export async function startReceiver(secret: string): Promise<Receiver> {
  const received: Received[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    const wanted = Buffer.from(`sha256=${createHmac("sha256", secret).update(body).digest("hex")}`);
    const given = Buffer.from(String(request.headers["x-hub-signature-256"]));
    const payload: unknown = JSON.parse(body.toString("utf8"));
    if (receiver.status < 300) {
      received.push({
        event: String(request.headers["x-github-event"]),
        guid: String(request.headers["x-github-delivery"]),
        isGenuine: wanted.length === given.length && timingSafeEqual(wanted, given),
        payload: typeof payload === "object" && payload !== null ? Object.fromEntries(Object.entries(payload)) : {},
      });
    }
    response.writeHead(receiver.status).end("noted");
  };
  const server = createServer((request, response) => void take(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no address");
  const receiver: Receiver = {
    url: `http://127.0.0.1:${address.port}/hook`,
    received,
    status: 200,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return receiver;
}
