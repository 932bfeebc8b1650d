import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { socketClose } from "../../../contracts/run-events.ts";
import { SocketHub } from "../../../durable-objects/socket-hub.ts";

let sent: { readonly atMs: number; readonly frame: string }[];
let closed: number[];
let hub: SocketHub;
let socket: WebSocket;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  vi.stubGlobal("WebSocketRequestResponsePair", class {});
  sent = [];
  closed = [];
  socket = {
    send: (frame: string) => sent.push({ atMs: Date.now() - 1_000_000, frame }),
    close: (code: number) => closed.push(code),
  } as unknown as WebSocket;
  const state = {
    setWebSocketAutoResponse: () => undefined,
    getWebSockets: () => (closed.length === 0 ? [socket] : []),
  };
  hub = new SocketHub(state as unknown as DurableObjectState, "events");
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const numbers = (frame: string): readonly number[] => [...frame.matchAll(/\d+/gu)].map(Number);

describe("the sockets of an object", () => {
  it("sends an event at once, also one that follows another closely", () => {
    hub.publishEvents(["1"]);
    vi.advanceTimersByTime(5);
    hub.publishEvents(["2"]);
    vi.advanceTimersByTime(100);
    expect(sent).toEqual([
      { atMs: 0, frame: '{"t":"events","events":[1]}' },
      { atMs: 5, frame: '{"t":"events","events":[2]}' },
    ]);
  });

  it("delays no event at an uneven 50 a second", () => {
    const made = [0, 20, 55, 60, 80, 112, 120, 140, 160, 190, 200, 220];
    for (const [index, atMs] of made.entries()) {
      vi.advanceTimersByTime(atMs - (Date.now() - 1_000_000));
      hub.publishEvents([String(index)]);
    }
    vi.advanceTimersByTime(100);
    expect(sent.map(({ atMs }) => atMs)).toEqual(made);
  });

  it("joins events that come faster than a frame, late by at most 16 ms, in order", () => {
    const madeAt = new Map<number, number>();
    for (let index = 0; index < 1_000; index += 1) {
      madeAt.set(index, Date.now() - 1_000_000);
      hub.publishEvents([String(index)]);
      vi.advanceTimersByTime(1);
    }
    vi.advanceTimersByTime(100);
    expect(sent.flatMap(({ frame }) => numbers(frame))).toEqual([...madeAt.keys()]);
    for (const { atMs, frame } of sent)
      for (const number of numbers(frame)) expect(atMs - (madeAt.get(number) ?? Number.NaN)).toBeLessThanOrEqual(16);
    expect(sent.length).toBeLessThanOrEqual(1_000 / 16 + 5);
  });

  it("puts text without a number between the events that it was between", () => {
    for (let index = 0; index < 4; index += 1) hub.publishEvents([String(index)]);
    hub.publishEvents(["4"]);
    hub.publishDelta("turn", "a", (text) => `delta ${text}`);
    hub.publishDelta("turn", "b", (text) => `delta ${text}`);
    hub.publishEvents(["5"]);
    vi.advanceTimersByTime(16);
    expect(sent.slice(4).map(({ frame }) => frame)).toEqual([
      '{"t":"events","events":[4]}',
      "delta ab",
      '{"t":"events","events":[5]}',
    ]);
  });
});

describe("a socket's reader", () => {
  const frame = "x".repeat(100_000);
  const delta = (): void => hub.publishDelta(String(Math.random()), frame, (text) => text);
  const marks = (): readonly string[] => sent.map(({ frame: text }) => text).filter((text) => text.startsWith("mark "));

  it("that sends its marks back stays, whatever it is sent", () => {
    for (let index = 0; index < 200; index += 1) {
      delta();
      vi.advanceTimersByTime(1_000);
      const mark = marks().at(-1);
      if (mark !== undefined) hub.take(socket, mark);
    }
    expect(closed).toEqual([]);
    expect(marks().length).toBeGreaterThan(20);
    expect(new Set(marks()).size).toBe(marks().length);
  });

  it("that sends none back is closed as too slow, and gets nothing more", () => {
    for (let index = 0; index < 100; index += 1) {
      delta();
      vi.advanceTimersByTime(100);
      hub.take(socket, "mark made up");
    }
    expect(closed).toEqual([socketClose.tooSlow]);
    const size = sent.reduce((sum, { frame: text }) => sum + text.length, 0);
    expect(size).toBeLessThan(4_500_000);
  });

  it("of little text that leaves a mark for long is closed with the next frame", () => {
    for (let index = 0; index < 3; index += 1) delta();
    vi.advanceTimersByTime(31_000);
    expect(closed).toEqual([]);
    delta();
    vi.advanceTimersByTime(100);
    expect(closed).toEqual([socketClose.tooSlow]);
  });

  it("that gets much at once has a moment to read it", () => {
    for (let index = 0; index < 60; index += 1) delta();
    vi.advanceTimersByTime(100);
    expect(closed).toEqual([]);
  });
});
