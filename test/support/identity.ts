import { CurrentRules } from '../../src/identity/current-rules.service.ts';
import { DecisionService } from '../../src/identity/decisions.service.ts';
import { MatchDecisionService } from '../../src/identity/matching/match-decisions.service.ts';
import type { IdentityRules } from '../../src/identity/rules.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { regroupRevenue } from '../../src/touchpoints/regrouped-revenue.service.ts';
import { type IngestFixture, type IngestFixtureOptions, openIngest } from './ingest.ts';

export interface IdentityFixture extends IngestFixture {
  readonly decisions: DecisionService;
  readonly matches: MatchDecisionService;
}

/** Ingestion and the decisions about people of one node. */
export async function openIdentity(
  pool: Pool,
  options: IngestFixtureOptions & { rules?: IdentityRules } = {},
): Promise<IdentityFixture> {
  const fixture = await openIngest(pool, options);
  const { idSecret } = fixture;
  const rules = new CurrentRules(options.rules);
  const settings = { idSecret, defaultRegion: 'CH', rules, reactions: [regroupRevenue] };
  return { ...fixture, decisions: new DecisionService(settings), matches: new MatchDecisionService(settings) };
}
