import type { Authenticator } from '../access/authenticator.service.ts';
import type { Config } from '../kernel/config.ts';
import { OpenStreams } from './open-streams.ts';

/** What keys have open: as much as they may of their own, else as much as any. */
export function wireStreams(
  authenticator: Pick<Authenticator, 'keyInUse' | 'onRefresh'>,
  { connectionsPerKey, subscriptionsPerKey }: Pick<Config, 'connectionsPerKey' | 'subscriptionsPerKey'>,
): OpenStreams {
  const streams = new OpenStreams((viewer) => {
    const key = authenticator.keyInUse(viewer);
    return {
      connections: key?.maxConnections ?? connectionsPerKey,
      subscriptions: key?.maxSubscriptions ?? subscriptionsPerKey,
    };
  });
  authenticator.onRefresh(() => streams.review());
  return streams;
}
