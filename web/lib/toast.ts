export interface Toast {
  readonly id: string;
  readonly title: string;
  readonly detail: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

type Listener = (toast: Toast) => void;
let listener: Listener | null = null;
const waiting: Toast[] = [];

/** Tells of something that happened elsewhere. One with the id of an earlier toast replaces it. */
export function toast(message: Toast): void {
  if (listener === null) waiting.push(message);
  else listener(message);
}

/** Registers the part of the page that shows toasts; earlier ones are passed to it. Returns a function that ends it. */
export function onToast(next: Listener): () => void {
  listener = next;
  for (const message of waiting.splice(0)) next(message);
  return () => {
    if (listener === next) listener = null;
  };
}
