import DataLoader from 'dataloader';

/**
 * The DataLoader instances of one operation, created on first use.
 * A subscription takes a new one for every event, so that it never answers from an old event's cache.
 */
export class Loaders {
  readonly #instances = new Map<unknown, unknown>();

  /** Forgets everything that was read: something has been changed, and what is read next must show it. */
  clear(): void {
    this.#instances.clear();
  }

  /** `batch` must be a module-level function: its identity is the loader's name. */
  get<K, V, C>(
    batch: (context: C, keys: readonly K[]) => Promise<ArrayLike<V | Error>>,
    context: C,
    keyOf?: (key: K) => string,
  ): DataLoader<K, V, string | K> {
    const known = this.#instances.get(batch);
    if (known) return known as DataLoader<K, V, string | K>;
    const loader = new DataLoader<K, V, string | K>((keys) => batch(context, keys), {
      cacheKeyFn: keyOf ?? ((key) => key),
    });
    this.#instances.set(batch, loader);
    return loader;
  }
}
