import * as z from "zod";
import { sha256Schema } from "./common.ts";

export const imageMediaTypes = ["image/png", "image/jpeg", "image/gif", "image/webp"] as const;
export type ImageMediaType = (typeof imageMediaTypes)[number];

/** The largest image, in bytes. Claude takes 5 MiB and counts them after base64, which makes four bytes of three. */
export const maxImageBytes = 3_900_000;
/** The longest side of an image, in pixels, that Claude takes. https://platform.claude.com/docs/en/build-with-claude/vision */
export const maxImageSide = 8000;
/** Images of one run. */
export const maxImages = 10;
/** All images of one run together, in bytes: each call to the model sends them again. */
export const maxImagesBytes = 12_000_000;

/** An image as it is kept. `id` is the SHA-256 of its bytes, so the same image is kept once. Sides in pixels. */
export const imageSchema = z
  .object({
    id: sha256Schema,
    mediaType: z.enum(imageMediaTypes),
    sizeBytes: z.int().min(1),
    width: z.int().min(1),
    height: z.int().min(1),
  })
  .meta({ id: "Image" });
export type Image = z.infer<typeof imageSchema>;
