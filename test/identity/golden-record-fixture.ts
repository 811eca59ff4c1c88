import { expect } from 'vitest';
import { CataloguedTraits } from '../../src/identity/personal-traits.service.ts';
import { type Statement, survive, type TraitRule } from '../../src/identity/survivorship.ts';
import { TraitCatalog, type TraitUpdate } from '../../src/identity/trait-catalog.service.ts';
import type { TraitDefinition } from '../../src/identity/trait-definition.ts';
import { findDefinition } from '../../src/identity/trait-definitions.queries.ts';
import { TraitRefolder } from '../../src/identity/trait-refold.service.ts';
import type { Pool } from '../../src/kernel/database.ts';
import type { Json, JsonObject } from '../../src/kernel/json.ts';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { type IngestFixture, openIngest } from '../support/ingest.ts';

export interface GoldenFixture extends IngestFixture {
  readonly pool: Pool;
  readonly refolder: TraitRefolder;
  /** Stores events; answers whose the last one is, as a UUID. */
  send(...drafts: TouchpointDraft[]): Promise<string>;
  /** Changes the latest version of a definition; made where there is none. */
  define(update: Omit<TraitUpdate, 'expectedVersion' | 'reason'>): Promise<TraitDefinition>;
  /** Golden traits of the customer to whom a record belongs. */
  golden(recordId: string): Promise<JsonObject>;
}

/** One node: ingest, catalogue and refolder, which works when it is told to. */
export async function openGolden(pool: Pool, customersAtOnce = 500): Promise<GoldenFixture> {
  const fixture = await openIngest(pool);
  const refolder = new TraitRefolder(fixture.ctx, { customersAtOnce });
  const catalog = new TraitCatalog(await CataloguedTraits.open(fixture.ctx), refolder);
  return {
    ...fixture,
    pool,
    refolder,
    async send(...drafts) {
      const results = await fixture.ingest.submit(fixture.ctx, drafts);
      expect(results.map(({ status, message }) => message ?? status)).toEqual(drafts.map(() => 'STORED'));
      const [row] = await pool<{ id: string }[]>`
        select r.customer_id as id from receipts join records r on r.id = receipts.record_id
        where receipts.id = (select id from touchpoints where message_id = ${drafts.at(-1)!.messageId})`;
      return row!.id;
    },
    async define(update) {
      const known = await findDefinition(pool, update.name);
      return catalog.updateTrait(fixture.ctx, { ...update, expectedVersion: known?.version ?? 0, reason: 'A test.' });
    },
    async golden(recordId) {
      const [row] = await pool<{ traits: JsonObject }[]>`
        select c.traits from records r join customers c on c.id = r.customer_id where r.id = ${recordId}`;
      return row!.traits;
    },
  };
}

/** The golden traits of everybody, and what they ought to be: folded in TypeScript from what the records hold. */
export async function compareWithOracle(pool: Pool): Promise<{ stored: unknown; folded: unknown }> {
  const customers = await pool<{ id: string; traits: JsonObject }[]>`select id, traits from customers order by id`;
  const statements = await pool<(Statement & TraitRule & { customerId: string; name: string })[]>`
    select r.customer_id as "customerId", t.name, r.id as "recordId", r.source, t.value, t.set_at as "setAt",
           t.touchpoint_id as "touchpointId", d.type,
           jsonb_build_object('strategy', d.strategy) || d.parameters as survivorship
    from records r join record_traits t on t.record_id = r.id join trait_definitions d on d.name = t.name`;
  const [held] = await pool<{ count: number }[]>`select count(*)::int as count from record_traits`;
  expect(statements).toHaveLength(held!.count);
  const folded = customers.map(({ id }) => {
    const golden: [string, Json][] = [];
    const mine = Map.groupBy(
      statements.filter((statement) => statement.customerId === id),
      (statement) => statement.name,
    );
    for (const [name, all] of mine) {
      const { value } = survive(all[0]!, all);
      if (value !== undefined) golden.push([name, value]);
    }
    return { id, traits: Object.fromEntries(golden) };
  });
  return { stored: customers.map(({ id, traits }) => ({ id, traits })), folded };
}

export async function expectGoldenRecords(pool: Pool): Promise<void> {
  const { stored, folded } = await compareWithOracle(pool);
  expect(stored).toEqual(folded);
}
