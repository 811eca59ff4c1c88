import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
/** Collects all garbage at once. */
export const collectGarbage = runInNewContext('gc') as () => void;

/** How many of these are still in memory, when what can go has gone. */
export async function leftOf(refs: readonly WeakRef<object>[]): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    // A reference that was made or looked at in a turn holds until it ends.
    await wait(5);
    collectGarbage();
  }
  await wait(5);
  return refs.filter((ref) => ref.deref() !== undefined).length;
}
