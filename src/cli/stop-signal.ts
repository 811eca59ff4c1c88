/**
 * npm passes signals on to what it runs, and Ctrl-C reaches the whole process group: the same wish arrives twice within
 * moments. What comes later is a person who has lost patience.
 */
const echoMs = 1_000;

/**
 * Aborted by the first SIGINT or SIGTERM. A later one ends the process at once; the database is safe then too, since
 * nothing is acknowledged before it is committed.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  let firstAt: number | undefined;
  const stop = (_name: NodeJS.Signals, number: number) => {
    firstAt ??= performance.now();
    controller.abort();
    if (performance.now() - firstAt > echoMs) process.exit(128 + number);
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return controller.signal;
}
