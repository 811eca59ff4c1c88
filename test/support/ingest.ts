import pino from 'pino';
import { operatorContext } from '../../src/access/operator.ts';
import { CurrentRules } from '../../src/identity/current-rules.service.ts';
import { CataloguedTraits } from '../../src/identity/personal-traits.service.ts';
import type { IdentityRules } from '../../src/identity/rules.ts';
import { ChangeFeed } from '../../src/kernel/change-feed.ts';
import type { Clock } from '../../src/kernel/clock.ts';
import type { Context, Platform } from '../../src/kernel/context.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import type { Logger } from '../../src/kernel/log.ts';
import { loadIdSecret } from '../../src/kernel/settings.queries.ts';
import { IngestService } from '../../src/touchpoints/ingest.service.ts';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import type { TouchpointsRecorded, TouchpointsRefused } from '../../src/touchpoints/touchpoints.events.ts';

export interface IngestFixture {
  readonly ingest: IngestService;
  readonly ctx: Context;
  readonly idSecret: string;
}

export interface IngestFixtureOptions {
  readonly clock?: Clock;
  readonly rules?: IdentityRules;
  readonly reactions?: TouchpointsRecorded[];
  readonly refuse?: TouchpointsRefused;
  readonly concurrency?: number;
  readonly maximumQueued?: number;
  readonly log?: Logger;
}

/** The ingest service of one node, as an operator of it sees it. */
export async function openIngest(pool: Pool, options: IngestFixtureOptions = {}): Promise<IngestFixture> {
  const clock = options.clock ?? { now: () => new Date('2026-11-01T12:00:00Z') };
  const log = options.log ?? pino({ level: 'silent' });
  const surroundings = { pool, clock, ids: randomIds, log };
  const personalTraits = await CataloguedTraits.open(surroundings);
  const platform: Platform = { ...surroundings, feed: new ChangeFeed({ pool, log }), personalTraits };
  const idSecret = await loadIdSecret(pool);
  const ingest = new IngestService(platform, {
    settings: { idSecret, defaultRegion: 'CH' },
    rules: new CurrentRules(options.rules),
    reactions: options.reactions ?? [],
    ...(options.refuse ? { refuse: options.refuse } : {}),
    concurrency: options.concurrency,
    maximumQueued: options.maximumQueued,
  });
  return { ingest, ctx: operatorContext(platform), idSecret };
}

let messages = 0;

/** A touchpoint with everything that a test doesn't care about filled in. */
export function touchpoint(draft: Partial<TouchpointDraft> = {}): TouchpointDraft {
  messages += 1;
  return {
    messageId: `m-${messages}`,
    source: 'web',
    type: 'page.viewed',
    occurredAt: '2026-10-01T10:00:00Z',
    ...draft,
  };
}
