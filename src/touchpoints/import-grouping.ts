import { type BrokenRow, isBroken, type Refusal, type Row } from './import-row.ts';
import type { TextTemplate } from './import-template.ts';

/** What the rows of a file come to, in an order that depends on nothing but the file and the mapping. */
export type ImportItem =
  | { readonly kind: 'group'; readonly rows: readonly Row[] }
  | { readonly kind: 'refusal'; readonly rows: number; readonly refusal: Refusal }
  | { readonly kind: 'skip'; readonly rows: 1; readonly reason: string };

export interface GroupRule {
  readonly by: TextTemplate;
  /** A group is complete once this many rows have passed without one of its own. */
  readonly window: number;
  readonly maxRows: number;
}

interface OpenGroup {
  readonly key: string;
  rows: Row[];
  count: number;
  lastSeen: number;
  /** Why it can't be imported any more; its rows are counted on, but not kept. */
  spoilt?: { readonly line: number; readonly code: string; readonly reason: string };
}

/**
 * Joins rows that belong together, also where a few others lie between them. Keeps only groups that rows of the last
 * `window` touched: memory depends on the window, not on the file.
 */
export class Grouping {
  readonly #rule: GroupRule | undefined;
  /** In order of last touch: the front is the first to complete. */
  readonly #open = new Map<string, OpenGroup>();
  #newest: OpenGroup | undefined;
  #rowsSeen = 0;

  constructor(rule: GroupRule | undefined) {
    this.#rule = rule;
  }

  /** Takes the next row; gives what is complete by now. */
  add(row: Row | BrokenRow): ImportItem[] {
    this.#rowsSeen += 1;
    const completed = this.#completed();
    if (isBroken(row)) completed.push(this.#refuse(row));
    else if (!this.#rule) completed.push({ kind: 'group', rows: [row] });
    else completed.push(...this.#join(row, this.#rule));
    return completed;
  }

  /** The file is at its end: everything is complete. */
  end(): ImportItem[] {
    const rest = [...this.#open.values()].map(toItem);
    this.#open.clear();
    return rest.flat();
  }

  #join(row: Row, rule: GroupRule): ImportItem[] {
    const key = rule.by(row);
    if (key === undefined) {
      return [
        refusalItem({
          line: row.line,
          rows: 1,
          code: 'GROUP_KEY_EMPTY',
          reason: 'The columns that group.by names are empty.',
        }),
      ];
    }
    const group = this.#touch(key);
    group.count += 1;
    if (group.count > rule.maxRows) {
      spoil(group, {
        line: row.line,
        code: 'GROUP_TOO_LARGE',
        reason: `More than ${rule.maxRows} rows (group.maxRows) belong to "${key}".`,
      });
    }
    if (!group.spoilt) group.rows.push(row);
    return [];
  }

  /** An invoice without one of its lines would be another invoice: a broken row takes its group with it. */
  #refuse(row: BrokenRow): ImportItem {
    const key = this.#rule?.by(row);
    if (key !== undefined) {
      const reason = `Line ${row.line} of the same group ("${key}") can't be read, so the group is left out as a whole.`;
      spoil(this.#touch(key), { line: row.line, code: 'GROUP_INCOMPLETE', reason });
    }
    return refusalItem({ line: row.line, rows: 1, ...row.broken });
  }

  #touch(key: string): OpenGroup {
    let group = this.#open.get(key);
    if (!group) {
      group = { key, rows: [], count: 0, lastSeen: this.#rowsSeen };
      this.#open.set(key, group);
    } else if (group !== this.#newest) {
      this.#open.delete(key);
      this.#open.set(key, group);
    }
    group.lastSeen = this.#rowsSeen;
    this.#newest = group;
    return group;
  }

  #completed(): ImportItem[] {
    const items: ImportItem[] = [];
    if (!this.#rule) return items;
    for (const group of this.#open.values()) {
      if (this.#rowsSeen - group.lastSeen <= this.#rule.window) break;
      this.#open.delete(group.key);
      items.push(...toItem(group));
    }
    return items;
  }
}

function spoil(group: OpenGroup, spoilt: NonNullable<OpenGroup['spoilt']>): void {
  group.spoilt ??= spoilt;
  group.rows = [];
}

function toItem(group: OpenGroup): ImportItem[] {
  if (!group.spoilt) return [{ kind: 'group', rows: group.rows }];
  return group.count === 0 ? [] : [refusalItem({ rows: group.count, ...group.spoilt })];
}

function refusalItem(refusal: Refusal): ImportItem {
  return { kind: 'refusal', rows: refusal.rows, refusal };
}
