/** The two web globals that pure code needs; clocks, randomness and the network stay out of reach. */
declare class TextEncoder {
  encode(text: string): Uint8Array;
}
declare class TextDecoder {
  constructor(
    encoding?: "utf-8" | "utf-16le" | "utf-16be" | "windows-1252",
    options?: { readonly fatal?: boolean; readonly ignoreBOM?: boolean },
  );
  decode(bytes: Uint8Array, options?: { readonly stream?: boolean }): string;
}
