import type { Context, Platform, Viewer } from '../../kernel/context.ts';
import { Loaders } from '../../kernel/loaders.ts';
import { countPurchasers, hasScale } from '../settings/kpi-jobs.queries.ts';
import type { KpiJob } from '../settings/kpi-jobs.service.ts';
import { nextAtTime } from '../settings/nightly.ts';
import type { ModelFitter } from './model-fitter.service.ts';
import type { ModelThreads } from './model-threads.ts';

/** Nobody asked for it: fits by night bear their own name. */
const viewer: Viewer = {
  keyId: '00000000-0000-0000-0000-000000000000',
  name: 'nightly',
  scopes: new Set(['metrics:manage']),
};

export interface NightlyParts {
  readonly timeZone: string;
  readonly threads: ModelThreads;
  readonly fitter: Pick<ModelFitter, 'fit'>;
  /** Scores everybody; rejects when the signal is aborted. */
  readonly score: (signal: AbortSignal) => Promise<unknown>;
}

const fitAt = { hour: 2, minute: 30 };
const scoreAt = { hour: 3, minute: 0 };

/** Models at half past two, scores at three: in the organisation's zone, when the day before is over. */
export function nightlyJobs(platform: Platform, { timeZone, threads, fitter, score }: NightlyParts): KpiJob[] {
  const first = new FirstCustomers(platform);
  const isWanted = () => first.areThere();
  return [
    {
      name: 'fit',
      nextAt: (now) => nextAtTime(now, fitAt, timeZone),
      isWanted,
      async run(signal) {
        const stop = () => void threads.close();
        signal.addEventListener('abort', stop, { once: true });
        try {
          await fitter.fit(contextOf(platform), { kind: 'BG_NBD', reason: 'nightly' });
        } finally {
          signal.removeEventListener('abort', stop);
        }
      },
    },
    {
      name: 'score',
      nextAt: (now) => nextAtTime(now, scoreAt, timeZone),
      isWanted,
      async run(signal) {
        await score(signal);
      },
    },
  ];
}

function contextOf(platform: Platform): Context {
  return { ...platform, viewer, requestId: platform.ids.uuid(), loaders: new Loaders() };
}

const mostCounted = 100_000;
const shortestLook = 5_000;
/** An import that goes on and on gets first scores all the same. */
const longestWait = 120_000;
/** Growth from one look to the next that is no import any more, as a part of 1. */
const trickle = 0.02;

interface Look {
  readonly count: number;
  readonly at: number;
}

/**
 * Whether there are customers to be scored where nobody has been yet: a new organisation should not wait for the night. Once
 * their number hardly grows from one look to a later one: an import is to be over.
 */
class FirstCustomers {
  readonly #platform: Pick<Platform, 'pool' | 'clock'>;
  #first: Look | undefined;
  #last: Look | undefined;
  #found = false;

  constructor(platform: Pick<Platform, 'pool' | 'clock'>) {
    this.#platform = platform;
  }

  async areThere(): Promise<boolean> {
    // Every job asks, and the scale of the first one to run must not keep the other from running.
    if (this.#found) return true;
    const { pool, clock } = this.#platform;
    const at = clock.now().getTime();
    if (this.#last && at - this.#last.at < shortestLook) return false;
    if (await hasScale(pool)) return false;
    const count = await countPurchasers(pool, mostCounted);
    if (count > 0) this.#look({ count, at });
    return this.#found;
  }

  #look(look: Look): void {
    const isQuiet = this.#last !== undefined && look.count <= this.#last.count * (1 + trickle);
    this.#first ??= look;
    this.#last = look;
    this.#found = isQuiet || look.at - this.#first.at >= longestWait;
  }
}
