import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { imageMediaTypes, maxImageSide } from "../../../contracts/upload.ts";
import { readImageHeader } from "../../../domain/image/read-header.ts";
import type { Conversation } from "./conversation.ts";
import { WireError } from "./errors.ts";

/** Claude's limit, which counts the base64 text. */
const maxBase64Bytes = 5_242_880;
/** No image counts more than this. https://platform.claude.com/docs/en/build-with-claude/vision */
const maxImageTokens = 1600;

/**
 * Checks an image in base64 as the vendors do: its bytes must be what they are called, small enough and readable. Throws WireError 400 that
 * begins with `path`. Returns a text of as many tokens as the image counts, which differs for other images.
 */
export function checkImage(mediaType: string, base64: string, path: string): string {
  const refuse = (message: string): WireError =>
    new WireError(400, "bad_request", `${path}: ${message}`, { param: path });
  if (!imageMediaTypes.some((known) => known === mediaType)) throw refuse(`media type ${mediaType} is not supported`);
  if (base64.length > maxBase64Bytes)
    throw refuse(`image exceeds 5 MB maximum: ${base64.length} bytes > ${maxBase64Bytes} bytes`);
  const header = readImageHeader(Buffer.from(base64, "base64"));
  if (typeof header === "string") throw refuse("Could not process image");
  if (header.mediaType !== mediaType)
    throw refuse(`The image was specified using ${mediaType}, but it appears to be ${header.mediaType}`);
  if (Math.max(header.width, header.height) > maxImageSide)
    throw refuse(`At least one of the image dimensions exceed max allowed size: ${maxImageSide} pixels`);
  const tokens = Math.min(maxImageTokens, Math.ceil((header.width * header.height) / 750));
  const hash = createHash("sha256").update(base64).digest("hex");
  return hash.repeat(Math.ceil((tokens * 4) / hash.length));
}

/** Counts the images of a conversation. */
export function countImages(conversation: Conversation): number {
  return conversation.messages.reduce(
    (sum, message) => sum + message.blocks.filter((block) => block.type === "image").length,
    0,
  );
}
