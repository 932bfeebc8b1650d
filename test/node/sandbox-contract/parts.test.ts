import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { guestError } from "../../../local/sandbox/errors.ts";
import { GuestLink } from "../../../local/sandbox/guest-link.ts";
import { BoundedOutput } from "../../../local/sandbox/guest/bounded-output.ts";
import { FrameReader, encodeFrame, frameTypes } from "../../../local/sandbox/guest/frames.ts";
import { Mux } from "../../../local/sandbox/guest/mux.ts";
import { readTar, type TarEntry } from "../../../local/sandbox/tar-reader.ts";
import { matching } from "./fixture.ts";
import { writeTar } from "../../fakes/tar-writer.ts";

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += size) yield bytes.subarray(start, start + size);
}

async function entriesOf(bytes: Buffer, size = 1000): Promise<(Omit<TarEntry, "content"> & { text: string })[]> {
  const found = [];
  for await (const { content, ...entry } of readTar(inPieces(bytes, size))) {
    const pieces: Buffer[] = [];
    for await (const piece of content()) pieces.push(piece);
    found.push({ ...entry, text: Buffer.concat(pieces).toString("utf8") });
  }
  return found;
}

describe("tar reader", () => {
  const archive = writeTar([
    { path: "a/file", content: "hello".repeat(300), executable: true },
    { path: `a/${"long/".repeat(40)}ünï`, content: "x" },
    { path: "a/link", symlink: "y".repeat(150) },
    { path: "a/empty" },
    { path: "a/dir/" },
  ]);

  it.each([1, 7, 511, 512, 513, 100_000])("reads the same from pieces of %i bytes", async (size) => {
    const found = await entriesOf(archive, size);
    expect(found.map(({ path, kind, executable }) => [path, kind, executable])).toEqual([
      ["a/file", "file", true],
      [`a/${"long/".repeat(40)}ünï`, "file", false],
      ["a/link", "symlink", false],
      ["a/empty", "file", false],
      ["a/dir/", "directory", false],
    ]);
    expect([found[0]?.text.length, found[1]?.text, found[2]?.target]).toEqual([1500, "x", "y".repeat(150)]);
  });

  it("skips content that nobody reads", async () => {
    const paths: string[] = [];
    for await (const { path } of readTar(inPieces(archive, 700))) paths.push(path);
    expect(paths.length).toBe(5);
  });

  it("refuses an archive that is cut anywhere within an entry", async () => {
    const one = writeTar([{ path: "a/file", content: "hello".repeat(300) }]);
    for (const end of [1, 511, 600, 1100, 1537, 2000, 3000]) {
      await expect(entriesOf(one.subarray(0, end)), String(end)).rejects.toMatchObject({ code: "invalid_archive" });
    }
  });

  it("refuses broken numbers, checksums, names and pax records", async () => {
    const broken = (change: (bytes: Buffer) => void) => {
      const bytes = Buffer.from(writeTar([{ path: "a/file", content: "hello" }]));
      change(bytes);
      return entriesOf(bytes);
    };
    const refused = { code: "invalid_archive" };
    await expect(broken((bytes) => bytes.write("z", 1024))).rejects.toMatchObject(refused);
    await expect(broken((bytes) => bytes.write("9", 1024 + 124))).rejects.toMatchObject(refused);
    await expect(broken((bytes) => bytes.write("7 comment=", 512))).rejects.toMatchObject(refused);
    await expect(broken((bytes) => bytes.write("999999999 x=", 512))).rejects.toMatchObject(refused);
    const invalidName = writeTar([{ path: "a/fileX", content: "" }]);
    invalidName[1024 + 6] = 0xff;
    // 0xff instead of X, and the checksum to match.
    invalidName.write(
      (Number.parseInt(invalidName.toString("latin1", 1024 + 148, 1024 + 154), 8) + 0xff - 0x58)
        .toString(8)
        .padStart(6, "0"),
      1024 + 148,
    );
    await expect(entriesOf(invalidName)).rejects.toMatchObject({
      ...refused,
      message: matching(/UTF-8/),
    });
  });
});

describe("bounded output", () => {
  const run = (maxBytes: number, pieces: readonly string[]) => {
    const output = new BoundedOutput(maxBytes);
    const live = Buffer.concat(pieces.map((piece) => output.push("data", Buffer.from(piece))));
    const { pieces: tail, truncated } = output.finish();
    const text = Buffer.concat([live, ...tail.map(({ bytes }) => bytes)]).toString("utf8");
    return { text, truncated, live: live.byteLength };
  };

  it("passes through what fits, however it is cut", () => {
    for (const size of [10, 11, 20])
      expect(run(size, ["0123", "4567", "89"])).toMatchObject({ text: "0123456789", truncated: false });
    expect(run(0, [])).toMatchObject({ text: "", truncated: false });
  });

  it("keeps head and tail and counts what is between", () => {
    const { text, truncated } = run(10, ["abcdefgh", "ijklmnop", "qrstuvwxyz"]);
    expect(truncated).toBe(true);
    expect(text).toBe("abcde\n[... 16 bytes left out ...]\nvwxyz");
    expect(run(0, ["abc"]).text).toBe("\n[... 3 bytes left out ...]\n");
  });

  it("never cuts a character, at any bound", () => {
    for (let maxBytes = 1; maxBytes < 40; maxBytes += 1) {
      for (const piece of ["aé€😀", "😀😀", "€"]) {
        const { text } = run(
          maxBytes,
          Array.from({ length: 20 }, () => piece),
        );
        expect(text, String(maxBytes)).not.toContain("\uFFFD");
      }
    }
  });
});

describe("frames and link", () => {
  it("come out as they went in, however the bytes are cut", () => {
    const frames = [Buffer.from("one"), Buffer.alloc(0), Buffer.alloc(5000, 7)].map((payload, index) =>
      encodeFrame(index, frameTypes.data, payload),
    );
    for (const size of [1, 5, 9, 1000, 10_000]) {
      const reader = new FrameReader();
      const all = Buffer.concat(frames);
      const found: Buffer[] = [];
      for (let start = 0; start < all.byteLength; start += size) {
        for (const frame of reader.push(all.subarray(start, start + size))) found.push(frame.payload);
      }
      expect(found.map(({ byteLength }) => byteLength)).toEqual([3, 0, 5000]);
    }
  });

  const hostileGuest = () => {
    const fromGuest = new PassThrough();
    const toGuest = new PassThrough();
    const broken = new Promise<string>((resolve) => {
      const link = new GuestLink(fromGuest, toGuest, (error) => resolve(error.message));
      pending = link.call({ op: "ping" }).catch((error: unknown) => error);
    });
    return { fromGuest, broken };
  };
  let pending: Promise<unknown> = Promise.resolve();

  it.each([
    ["an oversized frame", Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 1, 2]), /too large/],
    ["an unknown type", Buffer.from([0, 0, 0, 0, 0, 0, 0, 1, 99]), /unknown frame type/],
    ["a stream of its own", encodeFrame(7, frameTypes.open, Buffer.from("{}")), /nobody may open/],
    ["no JSON", encodeFrame(1, frameTypes.result, Buffer.from("{")), /JSON/],
    ["a failure without code", encodeFrame(1, frameTypes.failure, Buffer.from("{}")), /without code/],
    [
      "too much acknowledged",
      encodeFrame(1, frameTypes.acknowledge, Buffer.from([0x7f, 0, 0, 0])),
      /more was acknowledged/,
    ],
  ])("break when the guest sends %s", async (_name, bytes, reason) => {
    const { fromGuest, broken } = hostileGuest();
    fromGuest.write(bytes);
    expect(await broken).toMatch(reason);
    expect(await pending).toMatchObject({ code: "sandbox_gone" });
  });

  it("break when the guest ignores flow control", async () => {
    const fromGuest = new PassThrough();
    const broken = new Promise<string>((resolve) => {
      const link = new GuestLink(fromGuest, new PassThrough(), (error) => resolve(error.message));
      // Takes the first piece and never comes back.
      void link.call({ op: "x" }, { onData: () => new Promise<void>(() => {}) });
    });
    for (let index = 0; index < 20; index += 1)
      fromGuest.write(encodeFrame(1, frameTypes.data, Buffer.alloc(64 * 1024)));
    expect(await broken).toMatch(/flow control/);
  });

  it("hold a fast sender back and lose nothing", async () => {
    const [aToB, bToA] = [new PassThrough(), new PassThrough()];
    const total = 8 * 1024 * 1024;
    let sent = 0;
    const mux = new Mux(bToA, aToB, { onBreak: () => {} });
    const other = new Mux(aToB, bToA, {
      onOpen: (stream) =>
        void (async () => {
          for (; sent < total; sent += 65_536) await stream.data(Buffer.alloc(65_536, 1));
          stream.finish({});
        })(),
      onBreak: () => {},
    });
    expect(other).toBeDefined();
    const stream = mux.open({});
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(sent).toBeLessThanOrEqual(1024 * 1024);
    let received = 0;
    for (;;) {
      const message = await stream.next();
      if (message.kind === "result") break;
      if (message.kind === "data") received += message.bytes.byteLength;
    }
    expect(received).toBe(total);
  });

  it("turn an unknown code of the guest into sandbox_failed", () => {
    expect(guestError("__proto__", "x").code).toBe("sandbox_failed");
    expect(guestError("not_found", "x").code).toBe("not_found");
  });
});
