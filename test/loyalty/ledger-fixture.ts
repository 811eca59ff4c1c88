import { expect } from 'vitest';
import { CurrentRules } from '../../src/identity/current-rules.service.ts';
import { DecisionService } from '../../src/identity/decisions.service.ts';
import type { Context } from '../../src/kernel/context.ts';
import type { Pool } from '../../src/kernel/database.ts';
import type { DomainError } from '../../src/kernel/errors.ts';
import { fromPublicId, randomIds } from '../../src/kernel/ids.ts';
import { Calendar } from '../../src/loyalty/earning/calendar.ts';
import { Ledger } from '../../src/loyalty/ledger/ledger.service.ts';
import type { Phase, ProgramDefinition } from '../../src/loyalty/program.ts';
import { turnProgramPage } from '../../src/loyalty/programs/program-book.queries.ts';
import { ProgramBook } from '../../src/loyalty/programs/program-book.service.ts';
import { balancesOfCustomers } from '../../src/loyalty/redeeming/balance.service.ts';
import {
  createDecisionServices,
  type DecisionServices,
} from '../../src/loyalty/redeeming/decision-services.service.ts';
import type { Recount } from '../../src/loyalty/redeeming/open-desk.service.ts';
import { regroupRevenue } from '../../src/touchpoints/regrouped-revenue.service.ts';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { TestClock } from '../segments/fixture.ts';
import { openIngest, touchpoint } from '../support/ingest.ts';
import { earningRule, exampleProgram } from './example-program.ts';

export interface LedgerFixture extends DecisionServices {
  readonly pool: Pool;
  readonly ctx: Context;
  readonly clock: TestClock;
  readonly identity: DecisionService;
  readonly book: ProgramBook;
  readonly ledger: Ledger;
  /** Whose facts were counted anew, one entry for each time. */
  readonly recounted: string[][];
  /** Ingests something of a person; answers the customer's UUID. */
  person(key: string, ...drafts: Partial<TouchpointDraft>[]): Promise<string>;
  /** A person who has points of a programme by now. */
  member(programId: string, key: string, points?: number): Promise<string>;
  give(programId: string, customerId: string, points: number, expiresAt?: string | null): Promise<void>;
  /** What a customer can spend of the wallet `points`. */
  balance(programId: string, customerId: string): Promise<number>;
  /** As a key with these scopes. */
  as(...scopes: string[]): Context;
  merge(...customerIds: string[]): Promise<() => Promise<void>>;
}

/** Ingestion, decisions about people, the ledger, and decisions about points; nothing is earned by touchpoints. */
export async function openLedger(
  pool: Pool,
  { now = '2026-11-01T12:00:00Z', timeZone = 'Europe/Zurich' }: { now?: string; timeZone?: string } = {},
): Promise<LedgerFixture> {
  const clock = new TestClock(now);
  const { ingest, ctx, idSecret } = await openIngest(pool, { clock });
  const settings = { idSecret, defaultRegion: 'CH' };
  const identity = new DecisionService({ ...settings, rules: new CurrentRules(), reactions: [regroupRevenue] });
  const [book, ledger, recounted] = [new ProgramBook(), new Ledger(randomIds), [] as string[][]];
  const recount: Recount = async (_tx, { customerIds }) => {
    recounted.push([...customerIds]);
    return [];
  };
  const services = createDecisionServices({ ...settings, book, ledger, recount, calendar: new Calendar(timeZone) });
  const fixture: LedgerFixture = {
    ...services,
    ...{ pool, ctx, clock, identity, book, ledger, recounted },
    async person(key, ...drafts) {
      const identifiers = [{ kind: 'userId', value: key }];
      const given = drafts.length > 0 ? drafts : [{}];
      const results = await ingest.submit(
        ctx,
        given.map((draft) => touchpoint({ source: 'crm', key, identifiers, ...draft })),
      );
      expect(results.map(({ status }) => status)).toEqual(given.map(() => 'STORED'));
      return fromPublicId('cus', results[0]!.customerId!);
    },
    async member(programId, key, points = 0) {
      const customerId = await fixture.person(key);
      await fixture.enrolment.enrollMember(ctx, { programId, member: { customerId } });
      if (points > 0) await fixture.give(programId, customerId, points);
      return customerId;
    },
    async give(programId, customerId, points, expiresAt = null) {
      const until = expiresAt === null ? null : new Date(expiresAt);
      const input = {
        programId,
        member: { customerId },
        points: BigInt(points),
        expiresAt: until,
        reason: 'for the test',
      };
      await fixture.adjustments.grantBonus(ctx, input);
    },
    async balance(programId, customerId) {
      const balances = await balancesOfCustomers(pool, { programId, customerIds: [customerId], now: clock.now() });
      return Number(balances.find(({ wallet }) => wallet === 'points')?.available ?? 0n);
    },
    as: (...scopes) => ({ ...ctx, viewer: { ...ctx.viewer, scopes: new Set(scopes) } }),
    async merge(...customerIds) {
      const { decision } = await identity.mergeCustomers(ctx, { customerIds, reason: 'the same person' });
      return async () => {
        await identity.revokeDecision(ctx, { decisionId: decision.id, reason: 'they were two' });
      };
    },
  };
  return fixture;
}

/** Puts a programme into the tables as if it had been published long ago. */
export async function insertProgram(
  pool: Pool,
  definition: Partial<ProgramDefinition> = {},
  phase: Phase = 'LIVE',
): Promise<string> {
  const id = randomIds.uuid();
  const at = '2020-01-01T00:00:00Z';
  await pool.begin(async (tx) => {
    await tx`
      insert into loyalty_programs (id, name, published_version, created_at, updated_at, fingerprint)
      values (${id}, ${`Club ${id}`}, 1, ${at}, ${at}, ${id})`;
    await tx`
      insert into loyalty_program_versions
        (program_id, version, status, definition, effective_at, actor, created_at, updated_at, published_at)
      values (${id}, 1, 'PUBLISHED', ${JSON.stringify(exampleProgram(definition))}::text::jsonb, ${at}, 'test', ${at}, ${at},
              ${at})`;
    await tx`
      insert into loyalty_phases (program_id, id, phase, effective_at, actor)
      values (${id}, ${randomIds.uuid()}, ${phase}, ${at}, 'test')`;
    await turnProgramPage(tx);
  });
  return id;
}

/** A rule for an occasion, such as a birthday. */
export function occasionRule(type: string, points: string, rule: Parameters<typeof earningRule>[0] = {}) {
  return earningRule({ key: type.slice(8), match: { types: [type] }, earns: { event: { points } }, ...rule });
}

/** With what it is refused. */
export async function refusalOf(work: Promise<unknown>): Promise<{ code: string; details: Record<string, unknown> }> {
  try {
    await work;
  } catch (error) {
    const { code, details } = error as DomainError;
    if (code === undefined) throw error;
    return { code, details };
  }
  throw new Error('It was not refused.');
}
