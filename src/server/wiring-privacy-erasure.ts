import type { Platform } from '../kernel/context.ts';
import type { IdPrefix } from '../kernel/ids.ts';
import type { NodeFinder } from '../kernel/node.resolver.ts';
import { ErasureResolver, findDataSubjectRequestNode } from '../privacy/erasure/erasure.resolver.ts';
import { LateRows } from '../privacy/erasure/late-rows.service.ts';
import { SuppressionService } from '../privacy/erasure/suppressions.service.ts';
import type { Engines } from './engines.ts';
import { createErasure, type ErasureParts } from './erasure.ts';
import { personalTables } from './personal-data.ts';

export const erasureNodes: readonly (readonly [IdPrefix, NodeFinder])[] = [['dsr', findDataSubjectRequestNode]];

/** Erasure, as the rest of the wiring sees it. */
export interface ErasureWiring {
  readonly instances: readonly (readonly [unknown, object])[];
  start(): void;
  stop(): Promise<void>;
}

export function wireErasure(platform: Platform, engines: Engines, parts: ErasureParts): ErasureWiring {
  const erasure = createErasure(engines, parts);
  const late = new LateRows(
    platform,
    personalTables(parts, () => parts.rules.inForce.rules),
  );
  return {
    instances: [[ErasureResolver, new ErasureResolver(erasure, new SuppressionService(parts))]],
    start: () => late.start(),
    stop: () => late.stop(),
  };
}
