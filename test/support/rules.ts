import { CurrentRules } from '../../src/identity/current-rules.service.ts';
import { IdentityRulesService } from '../../src/identity/identity-rules.service.ts';
import { type RuleBook, shippedBook } from '../../src/identity/rule-book.ts';
import type { IdentityRule } from '../../src/identity/rules.ts';
import { RulesRepair, type RulesRepairOptions } from '../../src/identity/rules-repair.service.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { regroupRevenue } from '../../src/touchpoints/regrouped-revenue.service.ts';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { type IdentityFixture, openIdentity } from './identity.ts';
import type { IngestFixtureOptions } from './ingest.ts';

export interface RulesFixture extends IdentityFixture {
  readonly rules: IdentityRulesService;
  readonly current: CurrentRules;
  /** One step of its records is one record, unless told otherwise: the seams are what can go wrong. */
  readonly repair: RulesRepair;
  /** Puts rules in force, whatever the version, without applying them to the past. */
  announce(book: RuleBook): Promise<number>;
  /** The same, applied to the past as well. */
  apply(book: RuleBook): Promise<number>;
  /** Stores touchpoints; answers the customer of each. */
  store(...drafts: TouchpointDraft[]): Promise<(string | null)[]>;
}

/** One node with everything that identity rules concern. */
export async function openRules(
  pool: Pool,
  options: IngestFixtureOptions & Partial<RulesRepairOptions> = {},
): Promise<RulesFixture> {
  const identity = await openIdentity(pool, options);
  const { ctx, idSecret, ingest } = identity;
  const current = new CurrentRules();
  const rules = new IdentityRulesService({ idSecret, defaultRegion: 'CH', rules: current });
  const { everyMs = 20, identifiersAtOnce = 2, recordsAtOnce = 1 } = options;
  const repair = new RulesRepair(ctx, {
    rules: current,
    reactions: [regroupRevenue],
    everyMs,
    identifiersAtOnce,
    recordsAtOnce,
  });

  async function announce(book: RuleBook): Promise<number> {
    const { version: expectedVersion } = await rules.getCurrent(ctx);
    return (await rules.update(ctx, { rules: book, reason: 'a test', expectedVersion })).version;
  }

  return {
    ...identity,
    rules,
    current,
    repair,
    announce,
    async apply(book) {
      const version = await announce(book);
      await repair.catchUp();
      return version;
    },
    async store(...drafts) {
      const results = await ingest.submit(ctx, drafts);
      const failed = results.find(({ status }) => status !== 'STORED');
      if (failed) throw new Error(`${failed.status}: ${failed.message}`);
      return results.map(({ customerId }) => customerId ?? null);
    },
  };
}

/** The shipped rules with one of them changed. */
export function bookWith(kind: string, change: Partial<IdentityRule>, rest: Partial<RuleBook> = {}): RuleBook {
  const known = shippedBook.kinds.find((rule) => rule.kind === kind) ?? { kind, ...shippedBook.custom };
  const others = shippedBook.kinds.filter((rule) => rule.kind !== kind);
  return { ...shippedBook, kinds: [...others, { ...known, ...change }], ...rest };
}
