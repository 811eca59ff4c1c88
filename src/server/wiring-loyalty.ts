import type { Platform } from '../kernel/context.ts';
import type { IdPrefix } from '../kernel/ids.ts';
import type { NodeFinder } from '../kernel/node.resolver.ts';
import { LoyaltyClock } from '../loyalty/members/loyalty-clock.service.ts';
import { findLoyaltyProgramNode, LoyaltyProgramResolver } from '../loyalty/programs/program.resolver.ts';
import { ProgramService } from '../loyalty/programs/program.service.ts';
import { LoyaltyProgramFieldsResolver } from '../loyalty/programs/program-fields.resolver.ts';
import { ProgramReader } from '../loyalty/programs/program-reader.service.ts';
import {
  CustomerLoyaltyResolver,
  LoyaltyBalanceResolver,
  LoyaltyMemberResolver,
} from '../loyalty/view/standing.resolver.ts';
import { StandingReader } from '../loyalty/view/standing.service.ts';
import { ruleConditions } from '../segments/rule-conditions.service.ts';
import type { Engines } from './engines.ts';

/** Loyalty, as the rest of the wiring sees it. */
export interface LoyaltyWiring {
  readonly instances: readonly (readonly [unknown, object])[];
  start(): void;
  stop(): Promise<void>;
}

export const loyaltyNodes: readonly (readonly [IdPrefix, NodeFinder])[] = [['prg', findLoyaltyProgramNode]];

export function wireLoyalty(
  platform: Platform,
  { evaluator, book, ledger, folder }: Engines,
  _settings: { readonly idSecret: string; readonly defaultRegion: string },
): LoyaltyWiring {
  const conditions = ruleConditions(evaluator.language);
  const reader = new StandingReader(book, folder.calendar);
  const clock = new LoyaltyClock(platform, { book, ledger, folder });
  return {
    instances: [
      [LoyaltyProgramResolver, new LoyaltyProgramResolver(new ProgramService(conditions))],
      [LoyaltyProgramFieldsResolver, new LoyaltyProgramFieldsResolver(new ProgramReader(conditions))],
      [CustomerLoyaltyResolver, new CustomerLoyaltyResolver(reader)],
      [LoyaltyMemberResolver, new LoyaltyMemberResolver(reader)],
      [LoyaltyBalanceResolver, new LoyaltyBalanceResolver(reader)],
    ],
    start: () => clock.start(),
    stop: () => clock.stop(),
  };
}
