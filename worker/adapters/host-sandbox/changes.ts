import { sandboxChangesHead } from "../../../contracts/sandbox-host.ts";
import type { WorkChange } from "../../ports/sandbox.ts";
import { PortError } from "../../ports/errors.ts";

/** Reads the answer to GET changes: head length, head as JSON, contents. Throws PortError `bad_answer`. */
export function parseChanges(body: Uint8Array): readonly WorkChange[] {
  const headStart = 4;
  if (body.byteLength < headStart) throw bad("is too short");
  const headEnd = headStart + new DataView(body.buffer, body.byteOffset, headStart).getUint32(0);
  if (headEnd > body.byteLength) throw bad("is cut");
  const head = parseHead(body.subarray(headStart, headEnd));
  let position = headEnd;
  const changes = head.changes.map(
    ({ sizeBytes, beforeMode, beforeBlob, afterMode, afterBlob, path, status, filter }): WorkChange => {
      const start = position;
      position += sizeBytes ?? 0;
      if (position > body.byteLength) throw bad("is cut");
      return {
        path,
        status,
        ...(beforeMode === undefined ? {} : { beforeMode }),
        ...(beforeBlob === undefined ? {} : { beforeBlob }),
        ...(afterMode === undefined ? {} : { afterMode }),
        ...(afterBlob === undefined ? {} : { afterBlob }),
        ...(filter === undefined ? {} : { filter }),
        ...(sizeBytes === undefined ? {} : { bytes: body.slice(start, position) }),
      };
    },
  );
  if (position !== body.byteLength) throw bad("is too long");
  return changes;
}

function parseHead(bytes: Uint8Array) {
  try {
    return sandboxChangesHead.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    throw bad("has a head that doesn't fit");
  }
}

function bad(what: string): PortError {
  return new PortError("sandbox", "permanent", "bad_answer", `the sandbox host's list of changes ${what}`);
}
