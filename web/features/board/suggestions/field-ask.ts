interface Place {
  readonly ticketId: string;
  readonly field: string;
}

/** Lets another part of the board ask that a ticket's field is edited: at once where it is shown, else as soon as it is. */
export class FieldAsk {
  #asked: Place | null = null;
  readonly #shown = new Set<Place & { readonly begin: () => void }>();

  ask(ticketId: string, field: string): void {
    const shown = [...this.#shown].find((each) => each.ticketId === ticketId && each.field === field);
    if (shown === undefined) this.#asked = { ticketId, field };
    else shown.begin();
  }

  /** Called by a field that is shown. Returns a function that ends it. */
  show(ticketId: string, field: string, begin: () => void): () => void {
    const shown = { ticketId, field, begin };
    this.#shown.add(shown);
    if (this.#asked?.ticketId === ticketId && this.#asked.field === field) {
      this.#asked = null;
      begin();
    }
    return () => this.#shown.delete(shown);
  }
}
