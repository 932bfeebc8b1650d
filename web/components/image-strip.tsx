import { ChevronLeft, ChevronRight, ImageOff, X } from "lucide-react";
import { Dialog as RadixDialog } from "radix-ui";
import { useRef, useState } from "react";
import type { Image } from "../../contracts/upload.ts";
import { imagePath } from "../lib/uploads.ts";

/** The name of an image where it can't be seen. */
function imageLabel(image: Image, index: number, count: number): string {
  const place = count === 1 ? "Image" : `Image ${index + 1} of ${count}`;
  return `${place} that went with the prompt, ${image.width} × ${image.height} pixels`;
}

/** Images side by side; each opens to its full size. Arrow keys go through them, Esc closes. */
export function ImageStrip({ images }: { images: readonly Image[] }) {
  const [shown, setShown] = useState<number | null>(null);
  const [last, setLast] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const open = shown === null ? undefined : images[shown];
  const show = (index: number) => {
    setShown(index);
    setLast(index);
  };
  const step = (by: number) => show((last + by + images.length) % images.length);
  return (
    <>
      <ul ref={list} aria-label="Images" className="mt-2.5 flex flex-wrap gap-2">
        {images.map((image, index) => (
          <li key={image.id}>
            <button
              type="button"
              onClick={() => show(index)}
              aria-label={`Enlarge ${imageLabel(image, index, images.length)}`}
              title="Enlarge"
              className="block overflow-hidden rounded-lg border border-line bg-panel hover:border-line-strong"
            >
              <Picture
                image={image}
                label={imageLabel(image, index, images.length)}
                className="h-24 w-auto max-w-48 min-w-12 object-cover"
              />
            </button>
          </li>
        ))}
      </ul>
      <RadixDialog.Root open={open !== undefined} onOpenChange={(isOpen) => !isOpen && setShown(null)}>
        <RadixDialog.Portal>
          <RadixDialog.Overlay className="fixed inset-0 z-40" style={{ background: "rgb(0 0 0 / 0.8)" }} />
          <RadixDialog.Content
            aria-describedby={undefined}
            onCloseAutoFocus={(event) => {
              event.preventDefault();
              list.current?.querySelectorAll("button")[last]?.focus();
            }}
            onClick={(event) => event.target === event.currentTarget && setShown(null)}
            onKeyDown={(event) => {
              if (event.key === "ArrowLeft") step(-1);
              if (event.key === "ArrowRight") step(1);
            }}
            className="fixed inset-0 z-50 flex items-center justify-center p-4 outline-none sm:p-10"
          >
            {open !== undefined && shown !== null && (
              <>
                <RadixDialog.Title className="sr-only">{imageLabel(open, shown, images.length)}</RadixDialog.Title>
                <Picture
                  image={open}
                  label={imageLabel(open, shown, images.length)}
                  className="max-h-full max-w-full rounded-lg bg-panel object-contain shadow-pop"
                />
                <RadixDialog.Close className={`${roundButton} top-3 right-3`} aria-label="Close" title="Close (Esc)">
                  <X className="size-4.5" aria-hidden />
                </RadixDialog.Close>
                {images.length > 1 && (
                  <>
                    <button
                      type="button"
                      className={`${roundButton} top-1/2 left-3`}
                      aria-label="Previous image"
                      onClick={() => step(-1)}
                    >
                      <ChevronLeft className="size-5" aria-hidden />
                    </button>
                    <button
                      type="button"
                      className={`${roundButton} top-1/2 right-3`}
                      aria-label="Next image"
                      onClick={() => step(1)}
                    >
                      <ChevronRight className="size-5" aria-hidden />
                    </button>
                  </>
                )}
              </>
            )}
          </RadixDialog.Content>
        </RadixDialog.Portal>
      </RadixDialog.Root>
    </>
  );
}

const roundButton =
  "absolute inline-flex size-9 items-center justify-center rounded-full border border-line bg-raised text-text shadow-pop hover:bg-hover";

/** An image, or a sign in its place when it can't be had. */
export function Picture({ image, label, className }: { image: Image; label: string; className: string }) {
  const [isGone, setGone] = useState(false);
  if (isGone)
    return (
      <span
        role="img"
        aria-label={`${label}, which can’t be loaded`}
        title="This image can’t be loaded"
        className="flex size-14 items-center justify-center text-muted"
      >
        <ImageOff className="size-5" aria-hidden />
      </span>
    );
  return (
    <img
      src={imagePath(image.id)}
      alt={label}
      width={image.width}
      height={image.height}
      onError={() => setGone(true)}
      className={className}
    />
  );
}
