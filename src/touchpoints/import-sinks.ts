import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../kernel/clock.ts';
import type { Context } from '../kernel/context.ts';
import { DomainError } from '../kernel/errors.ts';
import type { ImportSink, SinkResult } from './import.service.ts';
import type { IngestService } from './ingest.service.ts';
import type { TouchpointDraft } from './touchpoint.ts';
import { type ValidationSettings, validateTouchpoint } from './validate.ts';

/** Hands over to the ingest of this process. */
export function ingestSink(ctx: Context, ingest: IngestService): ImportSink {
  return patient((drafts) => ingest.submit(ctx, drafts));
}

/** Checks everything that can be checked without a database, and writes nothing. */
export function checkingSink(clock: Clock, settings: ValidationSettings): ImportSink {
  return async (drafts) => drafts.map((draft) => check(draft, clock.now(), settings));
}

function check(draft: TouchpointDraft, now: Date, settings: ValidationSettings): SinkResult {
  const verdict = validateTouchpoint(draft, now, settings);
  if (!verdict.ok) return { status: 'REJECTED', code: verdict.code, message: verdict.message, warnings: [] };
  return { status: 'VALID', code: null, message: null, warnings: verdict.touchpoint.warnings };
}

const passing = new Set<string>(['OVERLOADED', 'SERVICE_UNAVAILABLE', 'RATE_LIMITED']);
const attempts = 8;
const longestWaitMs = 15_000;

/** Waits and repeats while the other side says that it is busy or away: up to about a minute, then gives up. */
export function patient(sink: ImportSink): ImportSink {
  return async (drafts) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await sink(drafts);
      } catch (error) {
        if (attempt === attempts || !(error instanceof DomainError) || !passing.has(error.code)) throw error;
        const hint = Number(error.details.retryAfterMs ?? 500);
        await wait(Math.min(hint * 2 ** (attempt - 1), longestWaitMs));
      }
    }
  };
}
