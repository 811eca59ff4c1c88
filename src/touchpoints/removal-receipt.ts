/** What went, by table. */
export class RemovalReceipt {
  readonly #rows = new Map<string, number>();

  count(table: string, rows: number): void {
    if (rows > 0) this.#rows.set(table, (this.#rows.get(table) ?? 0) + rows);
  }

  add(removed: readonly { readonly table: string; readonly rows: number }[]): void {
    for (const { table, rows } of removed) this.count(table, rows);
  }

  rowsOf(table: string): number {
    return this.#rows.get(table) ?? 0;
  }

  /** Sorted by the name of the table. */
  get tables(): readonly { readonly table: string; readonly rows: number }[] {
    return [...this.#rows].map(([table, rows]) => ({ table, rows })).sort((a, b) => (a.table < b.table ? -1 : 1));
  }
}
