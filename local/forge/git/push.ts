import { noObject, type RefChange } from "./refs.ts";

/** The beginning of a push: the refs that it changes, and where its pack is. https://git-scm.com/docs/gitprotocol-pack */
export interface PushHead {
  readonly changes: readonly RefChange[];
  readonly capabilities: ReadonlySet<string>;
  /** Byte at which the pack begins; the body's size where a push only deletes. */
  readonly packStart: number;
}

/** The most of a packet line, its length's four digits included. */
const maxPacket = 65_520;
/** Bytes of a packet line beside its content in a band: length and the band's number. */
const bandBytes = 5;
const progressBand = 2;
const packBand = 1;

/** Reads the beginning of a push; undefined for anything that git itself has to judge, such as a signed push. */
export function readPush(body: Buffer): PushHead | undefined {
  const changes: RefChange[] = [];
  let capabilities: ReadonlySet<string> = new Set();
  let at = 0;
  for (;;) {
    const length = Number.parseInt(body.subarray(at, at + 4).toString("latin1"), 16);
    if (length === 0) return { changes, capabilities, packStart: at + 4 };
    if (!(length > 4) || at + length > body.length) return undefined;
    const [command = "", rest] = body
      .subarray(at + 4, at + length)
      .toString("utf8")
      .split("\0");
    at += length;
    if (rest !== undefined) capabilities = new Set(rest.trim().split(" "));
    if (/^shallow [0-9a-f]{40}\n?$/.test(command)) continue;
    const [, before, after, ref] = /^([0-9a-f]{40}) ([0-9a-f]{40}) ([^\n]+)\n?$/.exec(command) ?? [];
    if (before === undefined || after === undefined || ref === undefined) return undefined;
    changes.push({ ref, before, after });
  }
}

/** The answer that declines every ref of a push for one reason; `lines` are shown to the person who pushed. */
export function declined(push: PushHead, lines: readonly string[], reason: string): Buffer {
  const report = [
    packet("unpack ok\n"),
    ...push.changes.map(({ ref }) => packet(`ng ${ref} ${reason}\n`)),
    Buffer.from("0000"),
  ];
  const isTold = push.capabilities.has("report-status") || push.capabilities.has("report-status-v2");
  const status = isTold ? Buffer.concat(report) : Buffer.alloc(0);
  if (!push.capabilities.has("side-band-64k")) return status;
  const shown = Buffer.from(lines.map((line) => `${line}\n`).join(""));
  return Buffer.concat([...banded(progressBand, shown), ...banded(packBand, status), Buffer.from("0000")]);
}

/** Whether a push brings anything: one that only deletes has no pack. */
export function bringsObjects({ changes }: PushHead): boolean {
  return changes.some(({ after }) => after !== noObject);
}

/** A packet line with its length. */
export function packet(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, "0")), bytes]);
}

function banded(band: number, content: Buffer): Buffer[] {
  const room = maxPacket - bandBytes;
  const count = Math.ceil(content.length / room);
  return Array.from({ length: count }, (_, index) =>
    packet(Buffer.concat([Buffer.from([band]), content.subarray(index * room, (index + 1) * room)])),
  );
}
