import { expect } from 'vitest';
import { CurrentRules } from '../../../src/identity/current-rules.service.ts';
import { DecisionService } from '../../../src/identity/decisions.service.ts';
import { HouseholdDeriver } from '../../../src/identity/relations/household-deriver.service.ts';
import { householdLag } from '../../../src/identity/relations/household-rule.service.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import type { Context } from '../../../src/kernel/context.ts';
import { fromPublicId } from '../../../src/kernel/ids.ts';
import { Loaders } from '../../../src/kernel/loaders.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { openIngest, touchpoint } from '../../support/ingest.ts';
import { openView, type ViewApi } from '../../support/view.ts';

const everything = ['customers:read', 'pii:read', 'identity:read', 'identity:manage'];

export interface RelationsFixture {
  readonly database: TestDatabase;
  readonly view: ViewApi;
  /** An operator's, with loaders of its own. */
  context(): Context;
  readonly decisions: DecisionService;
  readonly deriver: HouseholdDeriver;
  /** Asks with every scope that relations need. */
  ask<T>(query: string, variables?: Record<string, unknown>, scopes?: readonly string[]): Promise<T>;
  /** Ingests a person of this key, later than all before, and answers the customer's id. */
  person(key: string, traits?: Record<string, string | number>): Promise<string>;
  /** Runs the rule until nothing waits. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export async function openRelations(): Promise<RelationsFixture> {
  const database = await openTestDatabase();
  const { ingest, ctx, idSecret } = await openIngest(database.pool, { clock: systemClock });
  await ctx.feed.start();
  const view = await openView(database.url);
  let seconds = 0;
  // Small steps, so that every test goes through several.
  const deriver = new HouseholdDeriver(ctx, idSecret, { customersAtOnce: 3, householdsAtOnce: 2, linesAtOnce: 5 });
  return {
    database,
    view,
    deriver,
    context: () => ({ ...ctx, loaders: new Loaders() }),
    decisions: new DecisionService({ idSecret, defaultRegion: 'CH', rules: new CurrentRules(), reactions: [] }),
    ask: (query, variables, scopes = everything) => view.ask(query, variables, scopes),
    async person(key, traits = {}) {
      const identifiers = [{ kind: 'userId', value: key }];
      seconds += 1;
      const occurredAt = new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString();
      const [result] = await ingest.submit(ctx, [touchpoint({ source: 'crm', key, occurredAt, identifiers, traits })]);
      expect(result!.status).toBe('STORED');
      return result!.customerId!;
    },
    async settle() {
      // Lines of the feed wait for transactions of other databases of this server, too.
      for (let lag: number | null = 1; lag; ) {
        await deriver.catchUp();
        lag = await householdLag(database.pool, systemClock.now());
      }
    },
    async close() {
      await deriver.stop();
      await ctx.feed.stop();
      await view.close();
      await database.close();
    },
  };
}

/** Two customers as one, by a decision; answers how to take it back. */
export async function merge(fixture: RelationsFixture, ...customerIds: string[]): Promise<() => Promise<void>> {
  const { decision } = await fixture.decisions.mergeCustomers(fixture.context(), {
    customerIds: customerIds.map((id) => fromPublicId('cus', id)),
    reason: 'the same person',
  });
  return async () => {
    await fixture.decisions.revokeDecision(fixture.context(), { decisionId: decision.id, reason: 'they were two' });
  };
}

export interface Member {
  readonly customerId: string;
  readonly role: string;
  readonly origin: string;
}

/** Who is in a household, in order of id. */
export async function membersOfHousehold(fixture: RelationsFixture, id: string): Promise<Member[]> {
  const { household } = await fixture.ask<{ household: { members: { nodes: Member[] } } | null }>(
    'query ($id: ID!) { household(id: $id) { members { nodes { customerId role origin } } } }',
    { id },
  );
  return [...(household?.members.nodes ?? [])].sort((a, b) => (a.customerId < b.customerId ? -1 : 1));
}

export interface CustomerRelations {
  readonly households: { household: { id: string }; role: string; origin: string; otherMemberCount: number }[];
  readonly accounts: { account: { id: string }; role: string; otherMemberCount: number }[];
}

export async function relationsOf(fixture: RelationsFixture, id: string): Promise<CustomerRelations> {
  const { customer } = await fixture.ask<{ customer: { relations: CustomerRelations } }>(
    `query ($id: ID!) { customer(id: $id) { relations {
      households { household { id } role origin otherMemberCount }
      accounts { account { id } role otherMemberCount }
    } } }`,
    { id },
  );
  return JSON.parse(JSON.stringify(customer.relations)) as CustomerRelations;
}

export async function createHousehold(fixture: RelationsFixture, name: string | null = null): Promise<string> {
  const { createHousehold: made } = await fixture.ask<{ createHousehold: { household: { id: string } } }>(
    'mutation ($input: CreateHouseholdInput!) { createHousehold(input: $input) { household { id } } }',
    { input: { name, reason: 'test' } },
  );
  return made.household.id;
}

export function addToHousehold(fixture: RelationsFixture, input: Record<string, unknown>): Promise<unknown> {
  return fixture.ask(
    'mutation ($input: AddHouseholdMemberInput!) { addHouseholdMember(input: $input) { household { id memberCount } } }',
    { input: { reason: 'test', ...input } },
  );
}

export function removeFromHousehold(fixture: RelationsFixture, input: Record<string, unknown>): Promise<unknown> {
  return fixture.ask(
    'mutation ($input: RemoveHouseholdMemberInput!) { removeHouseholdMember(input: $input) { household { id } } }',
    { input: { reason: 'test', ...input } },
  );
}
