import { CurrentRules } from '../../../src/identity/current-rules.service.ts';
import { DecisionService } from '../../../src/identity/decisions.service.ts';
import type { Context } from '../../../src/kernel/context.ts';
import type { Pool } from '../../../src/kernel/database.ts';
import { DomainError } from '../../../src/kernel/errors.ts';
import { randomIds } from '../../../src/kernel/ids.ts';
import { foldFromLoyalty } from '../../../src/kpis/customers/kpi-reactions.service.ts';
import { Observer } from '../../../src/kpis/customers/observer.service.ts';
import { Scoring } from '../../../src/kpis/customers/scoring.service.ts';
import { CellCompactor } from '../../../src/kpis/facts/cell-compactor.service.ts';
import { recountBy } from '../../../src/loyalty/members/enrolment-recount.service.ts';
import { LoyaltyClock } from '../../../src/loyalty/members/loyalty-clock.service.ts';
import {
  createDecisionServices,
  type DecisionServices,
} from '../../../src/loyalty/redeeming/decision-services.service.ts';
import { SegmentService } from '../../../src/segments/segment.service.ts';
import { SegmentBuilder } from '../../../src/segments/segment-builder.service.ts';
import type { SegmentEvaluator } from '../../../src/segments/segment-evaluator.service.ts';
import { onKpisMoved, onLoyaltyMoved } from '../../../src/segments/segment-reactions.service.ts';
import { createEngines, recordingReactions, regroupingReactions } from '../../../src/server/engines.ts';
import type { IngestService } from '../../../src/touchpoints/ingest.service.ts';
import { earningRule, exampleProgram } from '../../loyalty/example-program.ts';
import { publishAt } from '../../loyalty/fixture.ts';
import { TestClock } from '../../segments/fixture.ts';
import { openIngest } from '../../support/ingest.ts';
import { type Decision, present, type World } from './world-arbitrary.ts';

/** The organisation's zone. */
export const home = 'Europe/Zurich';

export interface OracleNode {
  readonly pool: Pool;
  readonly ctx: Context;
  readonly clock: TestClock;
  readonly ingest: IngestService;
  readonly decisions: DecisionService;
  readonly loyalty: DecisionServices;
  readonly loyaltyClock: LoyaltyClock;
  readonly programId: string;
  readonly otherProgramId: string;
  readonly compactor: CellCompactor;
  readonly scoring: Scoring;
  /** UUIDs. */
  readonly segments: readonly string[];
}

/** One node with everything that reacts to touchpoints and regroupings, put together as the server does. */
export async function openNode(pool: Pool): Promise<OracleNode> {
  const clock = new TestClock(present.toISOString());
  const rules = new CurrentRules();
  const engines = createEngines({ timeZone: home }, { ids: randomIds, rules });
  const { evaluator, book, ledger, folder, kpis } = engines;
  const { ingest, ctx, idSecret } = await openIngest(pool, { clock, reactions: [...recordingReactions(engines)] });
  const settings = { idSecret, defaultRegion: 'CH' };
  const reactions = [foldFromLoyalty(kpis.folder), onLoyaltyMoved(evaluator)];
  return {
    ...{ pool, ctx, clock, ingest },
    decisions: new DecisionService({ ...settings, rules, reactions: regroupingReactions(engines) }),
    loyalty: createDecisionServices({
      ...{ ...settings, book, ledger, calendar: folder.calendar },
      ...{ recount: recountBy(folder), reactions },
    }),
    loyaltyClock: new LoyaltyClock(ctx, { book, ledger, folder, reactions }),
    compactor: new CellCompactor(ctx),
    scoring: new Scoring({
      ...{ book: kpis.book, reader: kpis.reader, reactions: [onKpisMoved(evaluator)] },
      observer: new Observer({ book: kpis.book, programs: book, compilers: evaluator.compilers }),
    }),
    programId: await publishAt({ pool }, club, { name: 'Club' }),
    otherProgramId: await publishAt({ pool }, circle, { name: 'Circle' }),
    segments: await createSegments(ctx, evaluator),
  };
}

/** Points that wait, expire and are taken back. */
const club = exampleProgram({
  rules: [
    earningRule({
      earns: { spend: { points: '2', per: '1', currency: 'EUR' } },
      pendingDays: 3,
      expiry: { count: 2, unit: 'MONTH', endOf: 'DAY' },
    }),
    earningRule({ key: 'visit', match: { types: ['store.visited'] }, earns: { event: { points: '7' } } }),
  ],
});

/** Nobody is in it but who was taken in. */
const circle = exampleProgram({
  enrolment: 'EXPLICIT',
  rules: [earningRule({ match: { types: ['page.viewed', 'order.completed'] }, earns: { event: { points: '40' } } })],
});

async function createSegments(ctx: Context, evaluator: SegmentEvaluator): Promise<string[]> {
  const builder: SegmentBuilder = new SegmentBuilder(ctx, evaluator, {
    onServed: (tx, version, at) => service.followServed(tx, version, at),
  });
  const service = new SegmentService(evaluator, builder);
  const created = [
    await service.create(ctx, {
      name: 'busy',
      definition: { fact: { fact: 'TOUCHPOINTS', comparison: 'AT_LEAST', value: '6' } },
    }),
    await service.create(ctx, {
      name: 'swiss',
      definition: { trait: { trait: 'country', operator: 'EQUALS', value: 'CH' } },
    }),
  ];
  await builder.finish();
  return created.map(({ id }) => id);
}

/** Lets a world happen. Refusals are part of it: a redemption of what is not there, a merge of one with itself. */
export async function live(node: OracleNode, { steps }: World): Promise<void> {
  for (const { drafts, decisions } of steps) {
    const results = await node.ingest.submit(node.ctx, [...drafts]);
    const refused = results.filter(({ status }) => status !== 'STORED');
    if (refused.length > 0) throw new Error(`Not stored: ${JSON.stringify(refused)}`);
    for (const decision of decisions) {
      await decide(node, decision).catch((error: unknown) => {
        if (!(error instanceof DomainError)) throw error;
      });
    }
  }
  await node.loyaltyClock.catchUp();
}

const reason = 'a test';

async function decide(node: OracleNode, { do: what, a, b }: Decision): Promise<void> {
  const { pool, ctx, decisions } = node;
  const customers = await idsOf(pool, 'customers');
  const [one, other] = [customers[a % customers.length], customers[b % customers.length]];
  if (what === 'REVOKE') {
    const made = await pool<{ id: string }[]>`select id from decisions where revoked_at is null order by id`;
    const decisionId = made[a % made.length]?.id;
    if (decisionId) await decisions.revokeDecision(ctx, { decisionId, reason });
    return;
  }
  if (!one || !other) return;
  if (what === 'MERGE' && one !== other) await decisions.mergeCustomers(ctx, { customerIds: [one, other], reason });
  if (what === 'UNMERGE') await part(node, one);
  if (what === 'LINK_RECEIPT') await giveReceipt(node, { to: one, which: b });
  if (what === 'ENROL') {
    await node.loyalty.enrolment.enrollMember(ctx, {
      programId: node.otherProgramId,
      member: { customerId: one },
      enrolledAt: new Date(present.getTime() - b * 10 * 86_400_000),
    });
  }
  if (what === 'REDEEM') {
    const points = BigInt(5 + b);
    await node.loyalty.redeeming.redeemPoints(ctx, { programId: node.programId, member: { customerId: one }, points });
  }
}

async function idsOf(pool: Pool, table: string): Promise<string[]> {
  return (await pool<{ id: string }[]>`select id from ${pool(table)} order by id`).map(({ id }) => id);
}

async function part({ pool, ctx, decisions }: OracleNode, customerId: string): Promise<void> {
  const records = await pool<{ id: string }[]>`select id from records where customer_id = ${customerId} order by id`;
  if (records.length < 2) return;
  await decisions.unmergeCustomer(ctx, { customerId, recordIds: [records[0]!.id], reason });
}

async function giveReceipt({ pool, ctx, decisions }: OracleNode, { to, which }: { to: string; which: number }) {
  const receipts = await pool<{ id: string }[]>`select id from records where customer_id is null order by id`;
  const receipt = receipts[which % receipts.length];
  if (receipt) await decisions.linkRecords(ctx, { recordIds: [to, receipt.id], reason });
}
