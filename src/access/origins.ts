import type { Viewer } from '../kernel/context.ts';
import { DomainError } from '../kernel/errors.ts';

export interface FromPage {
  /** As the browser says it; left out: not a browser, or nothing that it asks about. */
  readonly origin: string | undefined;
  /** Of the request: a page of this server may use any key. */
  readonly host: string | undefined;
  /** Some key may be used from there. */
  readonly listed: boolean;
}

/**
 * Why a key may not be used from a web page; `undefined` where it may. A key without origins is not meant for other
 * servers' pages; that is told by the list, not by the host alone, which a proxy may have changed.
 */
export function whyNotFrom(
  { allowedOrigins = [] }: Viewer,
  { origin, host, listed }: FromPage,
): DomainError | undefined {
  if (origin === undefined || allowedOrigins.includes(origin) || isOwn(origin, host)) return undefined;
  if (allowedOrigins.length === 0 && !listed) return undefined;
  const shown = JSON.stringify(origin.slice(0, 100));
  return new DomainError('UNAUTHENTICATED', `This API key may not be used from web pages of ${shown}.`, {
    reason: 'ORIGIN',
  });
}

export function isOwn(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host;
}
