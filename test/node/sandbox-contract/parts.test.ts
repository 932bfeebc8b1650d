import { PassThrough } from "node:stream";
import { describe, expect, it, vi } from "vitest";
import { guestError } from "../../../sandbox-host/errors.ts";
import { GuestLink } from "../../../sandbox-host/guest-link.ts";
import { BoundedOutput } from "../../../sandbox-host/guest/bounded-output.ts";
import { FrameReader, encodeFrame, frameTypes } from "../../../sandbox-host/guest/frames.ts";
import { Mux } from "../../../sandbox-host/guest/mux.ts";
import { readTar, TarError, type TarEntry } from "../../../sandbox-host/tar-reader.ts";
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

  it("skips content that is not read", async () => {
    const paths: string[] = [];
    for await (const { path } of readTar(inPieces(archive, 700))) paths.push(path);
    expect(paths.length).toBe(5);
  });

  it("refuses an archive that is cut anywhere within an entry", async () => {
    const one = writeTar([{ path: "a/file", content: "hello".repeat(300) }]);
    for (const end of [1, 511, 600, 1100, 1537, 2000, 3000]) {
      await expect(entriesOf(one.subarray(0, end)), String(end)).rejects.toBeInstanceOf(TarError);
    }
  });

  it("refuses broken numbers and checksums", async () => {
    const broken = (change: (bytes: Buffer) => void) => {
      const bytes = Buffer.from(writeTar([{ path: "a/file", content: "hello" }]));
      change(bytes);
      return entriesOf(bytes);
    };
    const refused = { name: "TarError" };
    await expect(broken((bytes) => bytes.write("z", 1024))).rejects.toMatchObject(refused);
    await expect(broken((bytes) => bytes.write("9", 1024 + 124))).rejects.toMatchObject(refused);
  });

  it("keeps the bytes of a name that is not UTF-8", async () => {
    const latin1Name = writeTar([{ path: "a/fileX", content: "" }]);
    latin1Name[1024 + 6] = 0xff;
    // 0xff instead of X, and the checksum to match.
    latin1Name.write(
      (Number.parseInt(latin1Name.toString("latin1", 1024 + 148, 1024 + 154), 8) + 0xff - 0x58)
        .toString(8)
        .padStart(6, "0"),
      1024 + 148,
    );
    expect(await entriesOf(latin1Name)).toMatchObject([{ kind: "file", path: "a/file\uefff" }]);
  });
});

describe("hostile archives", () => {
  const first = 1024;

  /** An archive of one file after a change of its header, whose checksum is made right again. */
  function withHeader(change: (header: Buffer) => void): Buffer {
    const bytes = writeTar([{ path: "a/file", content: "hello" }]);
    const header = bytes.subarray(first, first + 512);
    change(header);
    header.write("        ", 148);
    header.write(`${sumOf(header).toString(8).padStart(6, "0")}\0 `, 148);
    return bytes;
  }
  const sumOf = (bytes: Buffer) => bytes.reduce((sum: number, byte: number) => sum + byte, 0);

  it.each([
    ["larger than a number can be", Buffer.from([0x80, ...Array.from({ length: 11 }, () => 0xff)])],
    ["negative", Buffer.alloc(12, 0xff)],
    ["marked as neither sign", Buffer.from([0x81, ...Array.from({ length: 11 }, () => 0)])],
    ["not octal", Buffer.from("zzzzzzzzzzz\0")],
  ])("refuses a size that is %s", async (_name, size) => {
    await expect(entriesOf(withHeader((header) => size.copy(header, 124)))).rejects.toBeInstanceOf(TarError);
  });

  it("refuses a pax size that is no number, negative or longer than the archive", async () => {
    for (const size of ["x", "-5", "1e99", "99999999999999999999", "6000"]) {
      const record = `size=${size}`;
      await expect(
        entriesOf(writeTar([{ path: "a/file", content: "hello", pax: record }])),
        record,
      ).rejects.toBeInstanceOf(TarError);
    }
  });

  it("reads a broken pax record as none, and what follows as it is", async () => {
    for (const start of ["7 comment=", "999999999 x=", "-5 path=evil", "0 a", "             "]) {
      const bytes = writeTar([{ path: "a/file", content: "hello" }]);
      bytes.write(start, 512);
      expect(await entriesOf(bytes), start).toMatchObject([{ path: "a/file", text: "hello" }]);
    }
  });

  it("refuses an extended header of more than a few megabytes before it is read", async () => {
    const long = writeTar([{ path: "a/file", content: "x", pax: `comment=${"x".repeat(5 * 1024 * 1024)}` }]);
    await expect(entriesOf(long, 100_000)).rejects.toBeInstanceOf(TarError);
  });

  it("refuses GNU's sparse files, whose bytes are not the file's", async () => {
    await expect(entriesOf(withHeader((header) => header.write("S", 156)))).rejects.toThrow(/unknown type/);
  });

  it("ends at the source's pace: an error of the source is thrown as it is", async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield writeTar([{ path: "a/file", content: "hello" }]).subarray(0, 1600);
      await Promise.resolve();
      throw new RangeError("the source broke");
    }
    const read = async () => {
      for await (const { content } of readTar(failing())) for await (const _piece of content());
    };
    await expect(read()).rejects.toThrow(RangeError);
  });

  it("releases the source when the reader stops in the middle", async () => {
    let released = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          yield writeTar([{ path: "a/file", content: "x".repeat(100_000) }]).subarray(0, -1024);
          await Promise.resolve();
        }
      } finally {
        released = true;
      }
    }
    for await (const { path } of readTar(endless())) {
      expect(path).toBe("a/file");
      break;
    }
    await vi.waitFor(() => expect(released).toBe(true));
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
    ["a stream of its own", encodeFrame(7, frameTypes.open, Buffer.from("{}")), /does not open/],
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
