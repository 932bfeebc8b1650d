import {
  imageSchema,
  maxImageBytes,
  maxImages,
  maxImagesBytes,
  maxImageSide,
  type Image,
} from "../../../contracts/upload.ts";
import { actorKey } from "../../../contracts/actor.ts";
import { toHex } from "../../../domain/hash.ts";
import { readImageHeader, type ImageFault, type ImageHeader } from "../../../domain/image/read-header.ts";
import { requirePermission, type Scope, type ServiceDeps } from "../../context.ts";
import { recordAudit } from "../../db/stores/ledger.ts";
import { ServiceError } from "../../errors.ts";
import { imageKey, type BlobContent, type BlobHead } from "../../ports/blobs.ts";

const refusals: Readonly<Record<ImageFault, string>> = {
  svg: "SVG is not taken: it is a program more than a picture, and no model reads it. Send it as PNG.",
  unknown: "This is no image that can be taken. PNG, JPEG, GIF and WebP can.",
  damaged: "The image is damaged: its size can't be read.",
};

/** The refusal of an image that is too large. */
export const imageTooLarge = `An image may have at most ${maxImageBytes / 1_000_000} MB. Scale it down or save it as JPEG.`;

/**
 * Keeps an image for the tenant under the hash of its bytes. `upload.create`. Its bytes say what it is, its sender does not. The same image
 * again answers the same. `invalid_request` for what is no image, `payload_too_large`, `rate_limited`.
 */
export async function storeImage(deps: ServiceDeps, scope: Scope, bytes: Uint8Array<ArrayBuffer>): Promise<Image> {
  requirePermission(scope, "upload.create");
  const { blobs, db } = deps;
  const { tenantId } = scope;
  if (!(await deps.mayUpload(`${tenantId}:${actorKey(scope.actor)}`)))
    throw new ServiceError("rate_limited", "You uploaded many images just now. Wait a minute, then go on.", {
      retryAfterMs: 60_000,
    });
  if (bytes.length === 0) throw new ServiceError("invalid_request", "The body is empty: send the image's bytes.");
  if (bytes.length > maxImageBytes) throw new ServiceError("payload_too_large", imageTooLarge);
  const header = readImageHeader(bytes);
  if (typeof header === "string") throw new ServiceError("invalid_request", refusals[header]);
  if (header.width > maxImageSide || header.height > maxImageSide)
    throw new ServiceError(
      "payload_too_large",
      `The image has ${header.width} x ${header.height} pixels; a side may have at most ${maxImageSide}.`,
    );
  const id = await hashOf(bytes);
  const image: Image = { id, sizeBytes: bytes.length, ...header };
  const key = imageKey(tenantId, id);
  if ((await blobs.head(key)) !== undefined) return image;
  await blobs.put(key, { bytes, contentType: header.mediaType }, notesOf(header));
  const { width, height, mediaType, sizeBytes } = image;
  await recordAudit(
    db,
    { scope, atMs: deps.now() },
    { action: "image.uploaded", subject: `image:${id}`, data: { mediaType, sizeBytes, width, height } },
  );
  return image;
}

/** An image of the tenant, or `not_found`. `upload.read`. */
export async function readImage(deps: ServiceDeps, scope: Scope, id: string): Promise<BlobContent> {
  requirePermission(scope, "upload.read");
  const blob = await deps.blobs.get(imageKey(scope.tenantId, id));
  if (blob === undefined) throw new ServiceError("not_found", "There is no such image.");
  return blob;
}

/**
 * The tenant's images with these ids, each once, in their order. `invalid_request` at `images.<index>` for one that the tenant has not, and
 * at `images` when they are too large together.
 */
export async function findImages(
  { blobs }: Pick<ServiceDeps, "blobs">,
  tenantId: number,
  ids: readonly string[],
): Promise<readonly Image[]> {
  const heads = await Promise.all(ids.map(async (id) => ({ id, head: await blobs.head(imageKey(tenantId, id)) })));
  const issues = heads.flatMap(({ head }, index) =>
    head === undefined ? [{ path: `images.${index}`, message: "is not an image of this tenant; upload it first" }] : [],
  );
  if (issues.length > 0)
    throw new ServiceError("invalid_request", issues.map(({ path, message }) => `${path}: ${message}`).join("; "), {
      issues,
    });
  const images = new Map(
    heads.flatMap(({ head, id }) => (head === undefined ? [] : [[id, imageOf(id, head)] as const])),
  );
  const total = [...images.values()].reduce((sum, image) => sum + image.sizeBytes, 0);
  if (total > maxImagesBytes) {
    const message = `have ${(total / 1_000_000).toFixed(1)} MB together; at most ${maxImagesBytes / 1_000_000} MB and ${maxImages} images go with a prompt`;
    throw new ServiceError("invalid_request", `images: ${message}`, { issues: [{ path: "images", message }] });
  }
  return [...images.values()];
}

/** The store's notes about an image, so that a list of ids is checked without reading the images. */
function notesOf({ height, width }: ImageHeader): BlobHead["notes"] {
  return { width: String(width), height: String(height) };
}

function imageOf(id: string, { contentType, notes, sizeBytes }: BlobHead): Image {
  const { height, width } = notes;
  return imageSchema.parse({ id, mediaType: contentType, sizeBytes, width: Number(width), height: Number(height) });
}

async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}
