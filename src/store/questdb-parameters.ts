// The parameters of one query to QuestDB, in the order in which they were added.

export class Parameters {
  readonly values: (string | number)[] = [];

  /** Adds one, and how it stands in the query: `$1` and so on. */
  add(value: string | number): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}
