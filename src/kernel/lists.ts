/** What a loader of lists is asked for: the list of one owner, with arguments. */
export interface ListKey {
  readonly ownerId: string;
}

/**
 * Answers the keys of one tick with one read for each distinct set of arguments: however many owners there are, the
 * number of statements is the number of times the list stands in the query.
 */
export async function readLists<K extends ListKey, R>(
  keys: readonly K[],
  plan: {
    argumentsOf: (key: K) => string;
    read: (ownerIds: string[], like: K) => Promise<readonly R[]>;
    ownerOf: (row: R) => string | null;
  },
): Promise<R[][]> {
  const groups = new Map<string, K[]>();
  for (const key of keys) groupOf(groups, plan.argumentsOf(key)).push(key);
  const lists = new Map<K, R[]>();
  await Promise.all(
    [...groups.values()].map(async (group) => {
      const rows = await plan.read(
        group.map((key) => key.ownerId),
        group[0]!,
      );
      const byOwner = groupBy(rows, plan.ownerOf);
      for (const key of group) lists.set(key, byOwner.get(key.ownerId) ?? []);
    }),
  );
  return keys.map((key) => lists.get(key)!);
}

/** Rows by a name that they have in common, each group in the order of the rows. */
export function groupBy<N, R>(rows: readonly R[], nameOf: (row: R) => N): Map<N, R[]> {
  const groups = new Map<N, R[]>();
  for (const row of rows) groupOf(groups, nameOf(row)).push(row);
  return groups;
}

function groupOf<N, R>(groups: Map<N, R[]>, name: N): R[] {
  const known = groups.get(name);
  if (known) return known;
  const group: R[] = [];
  groups.set(name, group);
  return group;
}
