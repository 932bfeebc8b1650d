import * as z from "zod";
import { sha256Schema } from "../../contracts/common.ts";
import { imageMediaTypes, imageSchema, maxImageBytes } from "../../contracts/upload.ts";
import { limitBody } from "../middleware/body-limit.ts";
import { imageTooLarge, readImage, storeImage } from "../services/upload/images.ts";
import { json, problems, route, type ApiApp } from "./shared.ts";

/** Where images are sent; its body has a limit of its own. */
export const uploadsPath = "/api/uploads";

/** The limit of a body that is an image. */
export const limitUpload = limitBody(maxImageBytes, { detail: imageTooLarge });

const bytesSchema = { type: "string", format: "binary" } as const;
const imageContent = Object.fromEntries(imageMediaTypes.map((type) => [type, { schema: bytesSchema }]));

const upload = route("upload.create", {
  method: "post",
  path: uploadsPath,
  tags: ["Uploads"],
  summary: "Keep an image, to go with a prompt",
  description:
    "The body is the image itself. Its type is read from its bytes, not from the content type. The same image sent again gets the same id.",
  request: { body: { required: true, content: imageContent } },
  responses: {
    201: json(imageSchema, "The image as it is kept"),
    ...problems("invalid_request", "unauthenticated", "forbidden", "payload_too_large", "rate_limited", "unavailable"),
  },
});

const read = route("upload.read", {
  method: "get",
  path: "/api/uploads/{id}",
  tags: ["Uploads"],
  summary: "Read an image",
  request: { params: z.object({ id: sha256Schema }) },
  responses: {
    200: { description: "The image", content: imageContent },
    ...problems("invalid_request", "unauthenticated", "not_found", "unavailable"),
  },
});

/** `POST /api/uploads` and `GET /api/uploads/{id}`. */
export function registerUploads(app: ApiApp): void {
  app.openapi(upload, async (c) => {
    const bytes = new Uint8Array(await c.req.arrayBuffer());
    return c.json(await storeImage(c.var.deps, c.var.scope, bytes), 201);
  });
  app.openapi(read, async (c) => {
    const { bytes, contentType } = await readImage(c.var.deps, c.var.scope, c.req.valid("param").id);
    // The bytes of an id never change. The browser caches them per session cookie (`vary`), so that the next person does not get them.
    return c.body(bytes, 200, {
      "content-type": contentType,
      "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
      "content-disposition": "inline",
      "cache-control": "private, max-age=31536000, immutable",
      vary: "cookie",
    });
  });
}
