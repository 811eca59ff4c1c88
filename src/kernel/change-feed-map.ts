/**
 * Turns every value of a stream into what the client gets; `undefined` leaves it out. A plain iterator, not a
 * generator, so that `return()` ends a stream that waits. A conversion that fails ends the stream.
 */
export function mapStream<T, U>(
  source: AsyncIterableIterator<T>,
  convert: (value: T) => Promise<U | undefined> | U | undefined,
): AsyncIterableIterator<U> {
  const end = async (): Promise<IteratorResult<U>> => {
    await source.return?.();
    return { done: true, value: undefined };
  };
  const next = async (): Promise<IteratorResult<U>> => {
    for (;;) {
      const result = await source.next();
      if (result.done) return { done: true, value: undefined };
      const value = await convert(result.value);
      if (value !== undefined) return { done: false, value };
    }
  };
  return {
    next: () =>
      next().catch(async (error: unknown) => {
        await end();
        throw error;
      }),
    return: end,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
