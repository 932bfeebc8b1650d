/** What a batch of histories came across, by group and name. */
export class Coverage {
  readonly counts = new Map<string, number>();
  /** Names already seen for the first time, in order: `group name`. */
  see(group: string, name: string): void {
    const key = `${group} ${name}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  /** Adds what another batch saw. */
  add(counts: Iterable<readonly [string, number]>): void {
    for (const [key, count] of counts) this.counts.set(key, (this.counts.get(key) ?? 0) + count);
  }

  /** How many histories or moments came across this. */
  of(group: string, name: string): number {
    return this.counts.get(`${group} ${name}`) ?? 0;
  }

  /** One line a group: `group: name count, name count`. */
  report(): string {
    const groups = new Map<string, string[]>();
    for (const [key, count] of [...this.counts].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      const [group = "", name = ""] = key.split(/ (.*)/su);
      groups.set(group, [...(groups.get(group) ?? []), `${name} ${count}`]);
    }
    return [...groups].map(([group, names]) => `${group}: ${names.join(", ")}`).join("\n");
  }
}
