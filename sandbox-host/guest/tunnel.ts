import { connect, type Socket } from "node:net";
import { GuestFailure, errnoOf } from "./failure.ts";
import type { MuxStream } from "./mux.ts";

/** Connects to a port inside the sandbox and passes bytes both ways. Throws `port_closed` when nothing listens. */
export async function tunnel(stream: MuxStream, port: number): Promise<unknown> {
  const socket = await dial(port);
  const onCancel = () => socket.destroy();
  stream.cancelled.signal.addEventListener("abort", onCancel);
  if (stream.cancelled.signal.aborted) socket.destroy();
  try {
    await stream.note({ connected: true });
    void feed(stream, socket);
    for await (const chunk of socket) if (Buffer.isBuffer(chunk)) await stream.data(chunk);
  } catch {
    // A connection cut by either side ends the tunnel; the HTTP client at the other end sees what is missing.
  } finally {
    stream.cancelled.signal.removeEventListener("abort", onCancel);
    socket.destroy();
  }
  return {};
}

async function dial(port: number): Promise<Socket> {
  try {
    return await connectTo("127.0.0.1", port);
  } catch (error) {
    if (errnoOf(error) !== "ECONNREFUSED") throw error;
  }
  try {
    return await connectTo("::1", port);
  } catch {
    throw new GuestFailure("port_closed", `nothing listens on port ${String(port)} in the sandbox`);
  }
}

function connectTo(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true }, () => {
      socket.off("error", reject);
      socket.on("error", () => {});
      resolve(socket);
    });
    socket.once("error", reject);
  });
}

async function feed(stream: MuxStream, socket: Socket): Promise<void> {
  try {
    for (;;) {
      const message = await stream.next();
      if (message.kind === "end") {
        socket.end();
        return;
      }
      if (message.kind !== "data" || !socket.writable) continue;
      if (!socket.write(message.bytes)) {
        await new Promise<void>((resolve) => {
          socket.once("drain", resolve);
          socket.once("close", resolve);
        });
      }
    }
  } catch {
    socket.destroy();
  }
}
