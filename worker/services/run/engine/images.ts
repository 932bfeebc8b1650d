import type { NewRunEvent } from "../../../../contracts/run-events.ts";
import type { Image } from "../../../../contracts/upload.ts";
import { sinceSummary } from "../../../../domain/run/compaction.ts";
import { normaliseConversation } from "../../../../domain/run/conversation.ts";
import { toBase64 } from "../../../base64.ts";
import { imageKey } from "../../../ports/blobs.ts";
import { isTransient } from "../../../ports/errors.ts";
import type { LlmBlock, LlmMessage } from "../../../ports/llm.ts";
import type { StepContext } from "./deps.ts";
import { clearedOf, facts } from "./facts.ts";
import { notRun } from "./not-run.ts";
import type { StoredBlock, StoredMessage } from "./journal.ts";

/** The times that an object store that does not answer is asked before a stage goes on without its images. */
const maxTries = 3;

/** The bytes of a run's images in base64, by id. */
export type LoadedImages = ReadonlyMap<string, string>;

/** A stage's first message: the images of the request, then its words. */
export function firstMessage({ journal }: Pick<StepContext, "journal">, text: string): StoredMessage {
  const images = (journal.view().created?.images ?? []).map(({ id, mediaType }): StoredBlock => ({
    type: "image_reference",
    id,
    mediaType,
  }));
  return { role: "user", blocks: [...images, { type: "text", text }] };
}

/**
 * Reads the images of the run's start for one request. One that is gone, or can't be had after a few tries, is left out with a notice, and
 * stays out of this conversation: messages that the model has read must not change. Throws a transient PortError while there are tries left.
 */
export async function loadImages({ deps, epoch, journal }: StepContext, conversation: string): Promise<LoadedImages> {
  const told = normaliseConversation<StoredBlock>(sinceSummary(journal.conversation(conversation)), notRun);
  const shown = new Set(
    told.flatMap(({ blocks }) => blocks.flatMap((block) => (block.type === "image_reference" ? [block.id] : []))),
  );
  const leftOutFact = facts.imagesLeftOut(conversation);
  const leftOut = leftOutFact.read(journal) ?? [];
  const wanted = (journal.view().created?.images ?? []).filter(({ id }) => shown.has(id) && !leftOut.includes(id));
  const loaded = new Map<string, string>();
  const missing: Image[] = [];
  const isLastTry = (facts.stepFailures.read(journal) ?? 0) >= maxTries - 1;
  for (const image of wanted) {
    try {
      const blob = await deps.blobs.get(imageKey(journal.spec.tenantId, image.id));
      if (blob === undefined) missing.push(image);
      else loaded.set(image.id, toBase64(blob.bytes));
    } catch (error) {
      if (!isLastTry || !isTransient(error)) throw error;
      missing.push(image);
    }
  }
  if (missing.length === 0) return loaded;
  const events = missing.map((image): NewRunEvent => ({
    type: "notice",
    data: {
      level: "warning",
      message: `${nameOf(image)} can't be read from the object store. The agent goes on without it.`,
    },
  }));
  const known = leftOutFact.write([...leftOut, ...missing.map(({ id }) => id)]);
  // Vendors refuse the model's own thinking once what came before it has changed: it is left out with the image, which only the run itself
  // does, so from now on no vendor clears this conversation.
  const hasAnswered = told.some(({ role }) => role === "assistant");
  const withoutThinking = {
    ...facts.compacted(conversation).write({ ...clearedOf(journal, conversation), thinking: told.length }),
    ...facts.clearedBy(conversation).write("rule"),
  };
  journal.commit({ events, facts: hasAnswered ? { ...known, ...withoutThinking } : known }, epoch);
  return loaded;
}

/** Messages as a model gets them: each image in its place, or a word that there was one. */
export function withImages(
  messages: readonly StoredMessage[],
  images: LoadedImages | undefined,
): readonly LlmMessage[] {
  return messages.map(({ blocks, role }) => ({ role, blocks: blocks.map((block) => toBlock(block, images)) }));
}

function toBlock(block: StoredBlock, images: LoadedImages | undefined): LlmBlock {
  if (block.type !== "image_reference") return block;
  const base64 = images?.get(block.id);
  return base64 === undefined
    ? { type: "text", text: "[An image went with the request, but it can't be shown.]" }
    : { type: "image", mediaType: block.mediaType, base64 };
}

function nameOf({ height, id, mediaType, width }: Image): string {
  return `The image ${id.slice(0, 10)} (${mediaType.slice("image/".length).toUpperCase()}, ${width} x ${height})`;
}
