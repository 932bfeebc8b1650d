/** Counts the cases that a batch of histories covered, by group and name. */
export class Coverage {
  readonly #groups = new Map<string, Map<string, number>>();

  /** Counts one more of this. */
  see(group: string, name: string): void {
    this.#count(group, name, 1);
  }

  /** The counts as plain data, which can be sent to another thread. */
  get counts(): readonly (readonly [group: string, name: string, count: number])[] {
    return [...this.#groups].flatMap(([group, names]) =>
      [...names].map(([name, count]) => [group, name, count] as const),
    );
  }

  /** Adds what another batch saw. */
  add(counts: Coverage["counts"]): void {
    for (const [group, name, count] of counts) this.#count(group, name, count);
  }

  /** The number of histories or moments that covered this case. */
  of(group: string, name: string): number {
    return this.#groups.get(group)?.get(name) ?? 0;
  }

  /** One line a group: `group: name count, name count`. */
  report(): string {
    const lines = [...this.#groups].map(([group, names]) => {
      const sorted = [...names].toSorted(([a], [b]) => (a < b ? -1 : 1));
      return `${group}: ${sorted.map(([name, count]) => `${name} ${count}`).join(", ")}`;
    });
    return lines.toSorted().join("\n");
  }

  #count(group: string, name: string, times: number): void {
    let names = this.#groups.get(group);
    if (names === undefined) {
      names = new Map();
      this.#groups.set(group, names);
    }
    names.set(name, (names.get(name) ?? 0) + times);
  }
}
