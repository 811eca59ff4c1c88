import { Agent } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import pino from 'pino';
import { operatorContext } from '../../src/access/operator.ts';
import type { Condition } from '../../src/conditions/condition.ts';
import { coreLeaves } from '../../src/conditions/core-leaves.queries.ts';
import { ConditionLanguage } from '../../src/conditions/language.ts';
import { CataloguedTraits } from '../../src/identity/personal-traits.service.ts';
import { ChangeFeed } from '../../src/kernel/change-feed.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { randomIds, toPublicId } from '../../src/kernel/ids.ts';
import { loadIdSecret } from '../../src/kernel/settings.queries.ts';
import { type AskForOffers, NextBestOffers } from '../../src/loyalty/offers/next-best-offers.service.ts';
import { type GivenDefinition, OfferService } from '../../src/loyalty/offers/offer.service.ts';
import { OfferBook } from '../../src/loyalty/offers/offer-book.service.ts';
import { People } from '../../src/loyalty/offers/people.service.ts';
import { ProgramBook } from '../../src/loyalty/programs/program-book.service.ts';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { type CpuTime, cpuTime } from './cpu-time.ts';
import { ingest } from './ingest-call.ts';
import { type Figures, percentile, round } from './report.ts';
import { customerWithHistory, writeSegmentData } from './segment-data.ts';
import { fiftySegments } from './segment-definitions.ts';
import { sweptUp } from './server-metrics.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';
import { sendSteadily } from './steady-load.ts';

const liveOffers = 200;
const callsPerSecond = 200;
const purchasesPerSecond = 500;
const seconds = 20;
const warmUpSeconds = 8;
const buyers = 4_000;
const withHistory = 20_000;
const stores = ['bern', 'thun', 'basel', 'chur'];

/**
 * `nextBestOffers` with two hundred live offers, at 200 calls a second while 500 purchases a second come in. Half of the calls
 * name a customer with a history of twenty touchpoints, the others a card of somebody who is just buying.
 * `inProcess`: the service alone, in this process, beside a server that only ingests.
 */
export async function run({ inProcess = false }: { inProcess?: boolean } = {}): Promise<Figures> {
  const server = await startServerProcess();
  try {
    const desk = await openOffersOf(server.pool);
    await writeSegmentData(server.pool, { customers: withHistory, touchpoints: 20, now: new Date() });
    const agent = new Agent({ keepAlive: true, maxSockets: 16 });
    await firstPurchases(server, agent);
    for (let index = 0; index < liveOffers; index += 1) await desk.create(`Offer ${index}`, offer(index));
    await sweptUp(server);
    await server.pool`analyze`;
    const ask = (of: number) => (inProcess ? askService(desk.best, desk.ctx, of) : askServer(server, of));
    await Promise.all([ask(warmUpSeconds), purchases(server, agent, 'warm', warmUpSeconds)]);
    const before = await cpuTime(server.process.child.pid!);
    const [latencies, purchased] = await Promise.all([ask(seconds), purchases(server, agent, 'run', seconds)]);
    const after = await cpuTime(server.process.child.pid!);
    agent.destroy();
    const name = inProcess ? 'offers (in process)' : 'offers';
    return {
      [`${name}: calls a second`]: round(latencies.length / seconds),
      [`${name}: purchases a second`]: round(purchased / seconds),
      [`${name}: offers made of ${liveOffers}`]: await desk.made(),
      ...(before && after && { [`${name}: cores taken by API and PostgreSQL`]: coresOf(before, after) }),
      [`${name}: p50 ms`]: round(percentile(latencies, 0.5), 1),
      [`${name}: p95 ms (goal ≤ 30)`]: round(percentile(latencies, 0.95), 1),
      [`${name}: p99 ms`]: round(percentile(latencies, 0.99), 1),
    };
  } finally {
    await server.stop();
  }
}

function coresOf(before: CpuTime, after: CpuTime): string {
  const cores = (ms: number) => round(ms / 1_000 / seconds, 2);
  return `${cores(after.own - before.own)} + ${cores(after.below - before.below)}`;
}

/** Conditions of all kinds, many offers with the same; half of the offers are for one store, some for baskets or limited. */
function offer(index: number): GivenDefinition {
  const conditions = fiftySegments();
  const eligibility: Condition | null = index % 4 === 0 ? null : conditions[index % conditions.length]!;
  return {
    value:
      index % 3 === 0 ? { percent: { percent: '10', maximum: chf(20) } } : { fixed: { amount: chf(1 + (index % 7)) } },
    eligibility,
    stores: index % 2 === 0 ? [stores[(index / 2) % stores.length]!] : null,
    basket: index % 5 === 0 ? { minimum: chf(10 * (index % 9)) } : null,
    budget: index % 3 === 1 ? { money: chf(1_000_000) } : null,
    limits: index % 4 === 1 ? [{ per: 'MONTH', uses: 3 }] : [],
    margin: index % 6 === 0 ? { minimumPercent: '15', ifUnknown: 'ALLOW' } : null,
    holdoutPercent: index % 7 === 0 ? '10' : '0',
    stacking: { group: index % 10 === 0 ? 'one of these' : null, priority: index % 3 },
    expected: { worth: chf(10 + (index % 11)), acceptance: '0.2' },
  };
}

function chf(units: number) {
  return { amount: String(units), currency: 'CHF' };
}

/** Offers of a database whose server runs beside: created past the API. */
async function openOffersOf(pool: Pool) {
  const log = pino({ level: 'silent' });
  const surroundings = { pool, clock: systemClock, ids: randomIds, log };
  const personalTraits = await CataloguedTraits.open(surroundings);
  const ctx = operatorContext({ ...surroundings, feed: new ChangeFeed({ pool, log }), personalTraits });
  const programs = new ProgramBook();
  const book = new OfferBook({ leaves: coreLeaves, timeZone: 'Europe/Zurich' });
  const language = new ConditionLanguage(coreLeaves.map(({ kind }) => kind));
  const offers = new OfferService(programs, { language, resolve: async (_ctx, _db, { condition }) => condition });
  const people = new People({ idSecret: await loadIdSecret(pool), defaultRegion: 'CH' });
  const best = new NextBestOffers({ book, programs }, people);
  return {
    ctx,
    best,
    async create(name: string, definition: GivenDefinition): Promise<void> {
      const { id } = await offers.create(ctx, { name, definition });
      await offers.setStatus(ctx, { offerId: id, status: 'LIVE' });
    },
    /** To somebody with a history, as the benchmark asks for it. */
    async made(): Promise<number> {
      const { chosen } = await best.find(ctx, { ...asked(0), first: 50 });
      return chosen.length;
    },
  };
}

function asked(call: number): AskForOffers {
  const person =
    call % 2 === 0
      ? { customerId: customerWithHistory(1 + ((call * 7_919) % withHistory)) }
      : { identifier: { kind: 'loyaltyCard', value: `card-${(call * 37) % buyers}` } };
  const lines = Array.from({ length: 1 + (call % 5) }, (_, line) => ({
    sku: `SKU-${(call * 7 + line * 13) % 5_000}`,
    category: `category ${(call + line) % 40}`,
    quantity: 1 + (line % 3),
    price: `${5 + ((call + line * 11) % 60)}.90`,
  }));
  return { ...person, channel: 'POS', store: stores[call % stores.length]!, basket: { currency: 'CHF', lines } };
}

const query = `query ($input: NextBestOffersInput!) {
  nextBestOffers(input: $input) { rank reasons acceptance expectedValue { amount currency } discount { amount } offer { id name } }
}`;

function askServer(server: ServerProcess, of: number): Promise<number[]> {
  const bodies = Array.from({ length: callsPerSecond * of }, (_, call) => {
    const { customerId, ...input } = asked(call);
    const named = customerId == null ? input : { ...input, customerId: toPublicId('cus', customerId) };
    return JSON.stringify({ query, variables: { input: named } });
  });
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${server.key}` };
  return sendSteadily({ url: `${server.url}/graphql`, headers, bodies, rate: callsPerSecond, seconds: of });
}

async function askService(best: NextBestOffers, ctx: Parameters<NextBestOffers['find']>[0], of: number) {
  const started = performance.now();
  const answers: Promise<number>[] = [];
  for (let call = 0; call < callsPerSecond * of; call += 1) {
    const due = started + (call * 1_000) / callsPerSecond;
    const early = due - performance.now();
    if (early > 1) await wait(early);
    answers.push(best.find(ctx, asked(call)).then(() => performance.now() - due));
  }
  return Promise.all(answers);
}

function purchase(person: number, messageId: string): TouchpointDraft {
  return {
    messageId,
    source: 'pos',
    identifiers: [{ kind: 'loyaltyCard', value: `card-${person}` }],
    type: 'order.completed',
    channel: 'POS',
    occurredAt: new Date().toISOString(),
    value: { amount: '39.80', currency: 'CHF' },
    lines: [{ sku: `SKU-${person % 5_000}`, category: `category ${person % 40}`, quantity: 2, price: '19.90' }],
  };
}

/** Everybody who buys is known, and so are those with a history. */
async function firstPurchases(server: ServerProcess, agent: Agent): Promise<void> {
  for (let first = 0; first < buyers; first += 500) {
    await ingest(
      server,
      agent,
      Array.from({ length: 500 }, (_, index) => purchase(first + index, `first-${first + index}`)),
    );
  }
}

/** Ten at a time, fifty times a second; answers how many were stored. */
async function purchases(server: ServerProcess, agent: Agent, name: string, of: number): Promise<number> {
  const perCall = 10;
  const every = (perCall * 1_000) / purchasesPerSecond;
  const started = performance.now();
  const answers: Promise<number>[] = [];
  for (let call = 0; call * every < of * 1_000; call += 1) {
    const early = call * every - (performance.now() - started);
    if (early > 1) await wait(early);
    const events = Array.from({ length: perCall }, (_, index) =>
      purchase((call * perCall + index * 97) % buyers, `${name}-${call}-${index}`),
    );
    answers.push(ingest(server, agent, events).then((results) => results.length));
  }
  return (await Promise.all(answers)).reduce((sum, stored) => sum + stored, 0);
}
