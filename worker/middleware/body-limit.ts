import { bodyLimit } from "hono/body-limit";
import { ServiceError } from "../errors.ts";

/** Refuses a body of more than `maxBytes` by its declared length or, when that is absent or false, while reading. `detail`: the message. */
export function limitBody(
  maxBytes: number,
  detail = `A body may have at most ${maxBytes.toLocaleString("en")} bytes.`,
) {
  return bodyLimit({
    maxSize: maxBytes,
    onError: () => {
      throw new ServiceError("payload_too_large", detail);
    },
  });
}
