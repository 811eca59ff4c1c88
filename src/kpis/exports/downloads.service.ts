import type { Context } from '../../kernel/context.ts';
import { DownloadSlots } from './download-slots.ts';
import { EntityExports } from './entity-export.service.ts';
import type { MetricStreams } from './metric-export.service.ts';
import { SavedQueries } from './saved-query.service.ts';

/** A part of the pool: ingestion and GraphQL must always find a connection. */
const share = 1 / 3;

export interface DownloadParts {
  readonly streams: MetricStreams;
  readonly timeZone: string;
  readonly idSecret: string;
  readonly patience?: number;
}

/** All that can be downloaded. One for each process. */
export class Downloads {
  readonly streams: MetricStreams;
  readonly entities: EntityExports;
  readonly saved: SavedQueries;
  readonly slots: DownloadSlots;
  /** Milliseconds for which a reader may take nothing. */
  readonly patience: number;

  constructor({ pool }: Pick<Context, 'pool'>, { streams, timeZone, idSecret, patience = 60_000 }: DownloadParts) {
    this.streams = streams;
    this.entities = new EntityExports({ timeZone });
    this.saved = new SavedQueries(streams, { idSecret });
    this.patience = patience;
    this.slots = new DownloadSlots({ slots: Math.max(1, Math.floor(pool.options.max * share)) });
  }
}
