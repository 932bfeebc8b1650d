/** Prints the demo's steps with the seconds since it began. */
export class DemoPrinter {
  readonly #startedAt = performance.now();

  #time(): string {
    return `${((performance.now() - this.#startedAt) / 1000).toFixed(2).padStart(6)} s`;
  }

  /** Begins a chapter. */
  chapter(title: string): void {
    console.log(`\n${title}`);
  }

  /** Something that was seen to happen. */
  step(text: string): void {
    console.log(`  ${this.#time()}  ✓ ${text}`);
  }

  /** Something on the way. */
  line(text: string): void {
    console.log(`  ${this.#time()}    ${text}`);
  }

  /** Text as it is, indented. */
  block(text: string): void {
    for (const line of text.replace(/\n$/, "").split("\n")) console.log(`            │ ${line}`);
  }

  /** The last line when all went well. */
  end(text: string): void {
    console.log(`\n${text} (${this.#time().trim()})`);
  }

  /** The last line when something did not. */
  failed(text: string): void {
    console.error(`\n  ${this.#time()}  ✗ ${text}`);
  }
}
