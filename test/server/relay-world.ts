import { randomUUID } from 'node:crypto';
import type { GraphQLSchema } from 'graphql';
import { parsePublicId, toPublicId } from '../../src/kernel/ids.ts';
import type { TestServer } from '../support/server.ts';

/** An id of each kind of node, by the name of its type. */
export type NodeIds = Map<string, string>;

/** Some of everything that lists show and ids name. */
export class RelayWorld {
  readonly #server: TestServer;
  readonly #schema: GraphQLSchema;
  readonly ids: NodeIds = new Map();

  constructor(server: TestServer, schema: GraphQLSchema) {
    this.#server = server;
    this.#schema = schema;
  }

  async ask<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    const { data, errors } = await this.#server.graphql(query, variables);
    if (errors.length > 0) throw new Error(`${query}: ${JSON.stringify(errors)}`);
    return data as T;
  }

  /** Makes something, notes the id of it if it is the first of its type, and answers the id. */
  async #make(mutation: string, input: object, path: string): Promise<string> {
    const type = String(this.#schema.getMutationType()!.getFields()[mutation]!.args[0]!.type);
    const fields = path.split('.').reduceRight((inner, name) => `${name} { ${inner} }`, '__typename id');
    const data = await this.ask<Record<string, unknown>>(
      `mutation ($input: ${type}) { ${mutation}(input: $input) { ${fields} } }`,
      { input },
    );
    let made: unknown = data[mutation];
    for (const name of path.split('.')) made = (made as Record<string, unknown>)[name];
    const { __typename, id } = (Array.isArray(made) ? made[0] : made) as { __typename: string; id: string };
    if (!this.ids.has(__typename)) this.ids.set(__typename, id);
    return id;
  }

  async fill(): Promise<void> {
    const programId = await this.#openClub('Club');
    await this.#openClub('Second club');
    await this.#openClub('Third club');
    const people = await this.#meetPeople();
    await this.#group(people);
    await this.#steward(people);
    await this.#lists(people);
    await this.#rewards(programId, people[0]!.customerId);
    await this.#models(people);
    await this.#privacy(people[0]!.customerId);
  }

  async #openClub(name: string): Promise<string> {
    const earns = { spend: { points: { value: '1' }, per: '1', currency: 'CHF' } };
    const definition = {
      enrolment: 'AUTOMATIC',
      wallets: [{ key: 'points', name: 'Points' }],
      rules: [{ key: 'base', name: 'Base', wallet: 'points', match: { types: ['order.completed'] }, earns }],
    };
    const programId = await this.#make('createLoyaltyProgram', { name, definition }, 'program');
    const effectiveAt = '2020-01-01T00:00:00Z';
    await this.#make('publishLoyaltyProgram', { programId, effectiveAt }, 'program');
    await this.#make('setLoyaltyProgramPhase', { programId, phase: 'LIVE', effectiveAt }, 'program');
    return programId;
  }

  async #meetPeople(): Promise<Person[]> {
    const events = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((person) =>
      [0, 1, 2].map((n) => ({
        messageId: `relay-${person}-${n}`,
        source: 'web',
        key: `person-${person}`,
        // In the same millisecond: only the id tells them apart.
        occurredAt: `2026-03-0${1 + (n % 2)}T09:30:00Z`,
        type: 'order.completed',
        value: { amount: '20.00', currency: 'CHF' },
        properties: { orderId: `order-${person}-${n}` },
      })),
    );
    const consents = [0, 1, 2].map((n) => ({
      messageId: `relay-consent-${n}`,
      source: 'web',
      key: 'person-0',
      occurredAt: `2026-03-0${1 + n}T09:30:00Z`,
      type: 'consent.granted',
      properties: { purpose: 'newsletter', channel: 'EMAIL' },
    }));
    const { ingest } = await this.ask<{ ingest: { results: { touchpointId: string; customerId: string }[] } }>(
      'mutation ($events: [TouchpointInput!]!) { ingest(events: $events) { results { touchpointId customerId } } }',
      { events: [...events, ...consents] },
    );
    this.ids.set('Touchpoint', ingest.results[0]!.touchpointId);
    const people: Person[] = [];
    for (let person = 0; person < 8; person++) {
      const { customerId } = ingest.results[person * 3]!;
      const { customer } = await this.ask<{ customer: { records: { id: string }[] } }>(
        'query ($id: ID!) { customer(id: $id) { records { id } } }',
        { id: customerId },
      );
      people.push({ customerId, recordId: customer.records[0]!.id });
    }
    this.ids.set('Customer', people[0]!.customerId);
    this.ids.set('SourceRecord', people[0]!.recordId);
    return people;
  }

  async #group(people: readonly Person[]): Promise<void> {
    const reason = 'relay';
    const accounts: string[] = [];
    for (const name of ['One', 'Two', 'Three', 'Four'])
      accounts.push(await this.#make('upsertAccount', { name, reason }, 'account'));
    for (const child of accounts.slice(1))
      await this.#make('setAccountParent', { accountId: child, parentId: accounts[0], reason }, 'account');
    const households: string[] = [];
    for (const name of ['One', 'Two', 'Three'])
      households.push(await this.#make('createHousehold', { name, reason }, 'household'));
    for (const { customerId } of people.slice(0, 3)) {
      await this.#make('addAccountMember', { accountId: accounts[0], customerId, role: 'BUYER', reason }, 'account');
      const member = { householdId: households[0], customerId, role: 'ADULT', reason };
      await this.#make('addHouseholdMember', member, 'household');
    }
  }

  /** Links the last six people in pairs. */
  async #steward(people: readonly Person[]): Promise<void> {
    for (const pair of [people.slice(2, 4), people.slice(4, 6), people.slice(6, 8)]) {
      const recordIds = pair.map(({ recordId }) => recordId);
      await this.#make('linkRecords', { recordIds, reason: 'relay' }, 'decision');
    }
    const { identityRegroupings } = await this.ask<{ identityRegroupings: { nodes: { id: string }[] } }>(
      '{ identityRegroupings(first: 1) { nodes { id } } }',
    );
    this.ids.set('IdentityRegrouping', identityRegroupings.nodes[0]!.id);
  }

  async #lists(people: readonly Person[]): Promise<void> {
    for (const name of ['one', 'two', 'three']) {
      await this.#make('createApiKey', { name, scopes: ['INGEST'] }, 'apiKey');
      const segmentId = await this.#make('createSegment', { name, kind: 'LIST' }, 'segment');
      const customerIds = people.slice(0, 3).map(({ customerId }) => customerId);
      await this.#make('addToSegmentList', { segmentId, customerIds, reason: 'relay' }, 'segment');
      const query = { measures: ['ORDERS'] };
      await this.#make('saveMetricQuery', { name, query }, 'metricQuery');
    }
    const { auditLog } = await this.ask<{ auditLog: { nodes: { id: string }[] } }>(
      '{ auditLog(first: 1) { nodes { id } } }',
    );
    this.ids.set('AuditEntry', auditLog.nodes[0]!.id);
  }

  async #rewards(programId: string, customerId: string): Promise<void> {
    const worth = { amount: { amount: '5.00', currency: 'CHF' } };
    const member = { customerId };
    for (const n of [1, 2, 3]) {
      await this.#make('createReward', { programId, name: `Reward ${n}`, points: 10, voucher: { worth } }, 'reward');
      await this.#make('issueVoucher', { programId, member, worth, reason: 'relay' }, 'voucher');
      await this.#make('adjustPoints', { programId, member, points: 5, reason: 'relay' }, 'decision');
      const definition = { value: { fixed: { amount: { amount: '5', currency: 'CHF' } } } };
      const offerId = await this.#make('createOffer', { name: `Offer ${n}`, definition }, 'offer');
      await this.#make('setOfferStatus', { offerId, status: 'LIVE' }, 'offer');
      const shown = { offerId, customerId, channel: 'POS', idempotencyKey: `relay-${n}` };
      await this.#make('presentOffer', shown, 'presentation');
    }
    await this.#make('createLoyaltyPool', { programId, member, name: 'Pool' }, 'pool');
  }

  /** What takes many people to come about is put there. */
  async #models(people: readonly Person[]): Promise<void> {
    for (let n = 0; n < 3; n++) await this.#make('fitKpiModels', { kinds: ['BG_NBD'], reason: 'relay' }, 'models');
    const records = people.map(({ recordId }) => parsePublicId(recordId)!.uuid).sort();
    for (let n = 0; n < 3; n++) {
      const id = randomUUID();
      await this.#server.database.pool`
        insert into match_candidates (record_a, record_b, id, weight, model_version, status, found_at, scored_at)
        values (${records[n]!}, ${records[n + 1]!}, ${id}, ${4 + n}, 1, 'PENDING', now(), now())`;
      this.ids.set('MatchCandidate', toPublicId('mc', id));
    }
  }

  async #privacy(customerId: string): Promise<void> {
    for (const n of [1, 2, 3])
      await this.#make(
        'createAccessExport',
        { customerId, reason: `relay ${n}`, idempotencyKey: `relay-${n}` },
        'request',
      );
    await this.#make(
      'setRetentionPolicy',
      { types: 'page.*', keepDays: 30, what: 'DELETE', reason: 'relay' },
      'policy',
    );
  }
}

interface Person {
  readonly customerId: string;
  readonly recordId: string;
}
