import type { ApiClient } from './api-client.ts';
import { formatCount } from './progress.ts';

const day = 86_400_000;
const expiry = { count: 24, unit: 'MONTH', endOf: 'MONTH' };
const purchases = { types: ['order.completed'] };

/** A point for each franc or euro, more of it for the garden in spring and for silver and gold members. */
const definition = {
  mechanics: 'A point for each franc or euro. Silver from 500 points of twelve months, Gold from 1,500.',
  goals: 'Second purchase within 90 days for half of all new customers.',
  wallets: [{ key: 'points', name: 'Points', pointValue: { amount: '0.01', currency: 'CHF' } }],
  rules: [
    ...(['CHF', 'EUR'] as const).map((currency) => ({
      key: currency.toLowerCase(),
      name: `A point for each ${currency}`,
      wallet: 'points',
      match: purchases,
      earns: { spend: { points: { value: '1' }, per: '1', currency } },
      expiry,
    })),
    {
      key: 'garden',
      name: 'Garden weeks',
      wallet: 'points',
      match: purchases,
      lines: { skus: [], categories: ['Garden'] },
      earns: { multiplier: { factor: { lever: 'gardenFactor' } } },
      expiry,
      qualifies: false,
    },
    {
      key: 'thanks',
      name: 'More for silver and gold',
      wallet: 'points',
      match: purchases,
      tiers: ['silver', 'gold'],
      earns: { multiplier: { factor: { value: '1.5' }, of: ['chf', 'eur'] } },
      caps: [{ per: 'MONTH', points: { value: '500' } }],
      expiry,
      qualifies: false,
    },
  ],
  tierScheme: {
    basis: { points: { wallet: 'points' } },
    window: { rolling: { months: 12 } },
    graceDays: 30,
    tiers: [
      { key: 'bronze', name: 'Bronze', threshold: { value: '0' } },
      { key: 'silver', name: 'Silver', threshold: { value: '500' }, benefits: ['Half as many points again'] },
      {
        key: 'gold',
        name: 'Gold',
        threshold: { value: '1500' },
        benefits: ['Half as many points again', 'Free delivery'],
      },
    ],
  },
  levers: [{ key: 'gardenFactor', name: 'Garden weeks', initial: '2', minimum: '1', maximum: '5', owner: 'Marketing' }],
};

/** What tills can offer. */
const offers = [
  {
    name: '10 % off the garden for Silver and Gold',
    definition: {
      tiers: ['silver', 'gold'],
      value: { percent: { percent: '10', of: { categories: ['Garden'] } } },
      limits: [{ per: 'MONTH', uses: 1 }],
    },
  },
  {
    name: '200 points for whoever has not been here for a while',
    definition: {
      eligibilityText: 'number of orders is at least 2 and days since last order is more than 60',
      value: { points: { wallet: 'points', points: 200 } },
      budget: { uses: 500 },
    },
  },
  {
    name: '5 francs off from 60 francs on',
    definition: {
      basket: { minimum: { amount: '60', currency: 'CHF' } },
      value: { fixed: { amount: { amount: '5', currency: 'CHF' } } },
      holdoutPercent: '10',
    },
  },
];

interface Created {
  readonly createLoyaltyProgram: {
    readonly program: { readonly id: string; readonly publishedVersion: number | null };
  };
}

const create = `mutation CreateClub($input: CreateLoyaltyProgramInput!) {
  createLoyaltyProgram(input: $input) { program { id publishedVersion } }
}`;
const publish = `mutation PublishClub($input: PublishLoyaltyProgramInput!) {
  publishLoyaltyProgram(input: $input) { program { id } }
}`;
const setPhase = `mutation OpenClub($input: SetLoyaltyProgramPhaseInput!) {
  setLoyaltyProgramPhase(input: $input) { program { id } }
}`;

const createOffer = `mutation CreateOffer($input: CreateOfferInput!) { createOffer(input: $input) { offer { id status } } }`;
const setStatus = `mutation StartOffer($input: SetOfferStatusInput!) { setOfferStatus(input: $input) { offer { id } } }`;

/** Opens the club once, as of the beginning of the history: a second start finds it open. */
export async function openClub(api: ApiClient, { since, signal }: { since: Date; signal: AbortSignal }): Promise<void> {
  const input = { name: 'Ahornia Club', definition, idempotencyKey: 'demo club' };
  const { createLoyaltyProgram } = await api.requestPatiently<Created>(create, { input }, signal);
  const { id: programId, publishedVersion } = createLoyaltyProgram.program;
  if (publishedVersion !== null) return;
  const effectiveAt = new Date(since.getTime() - 30 * day).toISOString();
  await api.requestPatiently(publish, { input: { programId, effectiveAt } }, signal);
  await api.requestPatiently(setPhase, { input: { programId, phase: 'LIVE', effectiveAt } }, signal);
  for (const offer of offers) await startOffer(api, { offer, programId, signal });
}

interface CreatedOffer {
  readonly createOffer: { readonly offer: { readonly id: string; readonly status: string } };
}

async function startOffer(
  api: ApiClient,
  { offer, programId, signal }: { offer: (typeof offers)[number]; programId: string; signal: AbortSignal },
): Promise<void> {
  const input = { ...offer, programId, idempotencyKey: `demo ${offer.name}` };
  const { createOffer: created } = await api.requestPatiently<CreatedOffer>(createOffer, { input }, signal);
  const { id: offerId, status } = created.offer;
  if (status !== 'LIVE') await api.requestPatiently(setStatus, { input: { offerId, status: 'LIVE' } }, signal);
}

interface Distribution {
  readonly loyaltyPrograms: {
    readonly nodes: readonly {
      readonly name: string;
      readonly tierScheme: { readonly tiers: readonly { readonly name: string }[] } | null;
    }[];
  };
}

/** What there is to see of it. */
export async function describeClub(api: ApiClient): Promise<string> {
  const { loyaltyPrograms } = await api.request<Distribution>(
    'query Clubs { loyaltyPrograms { nodes { name tierScheme { tiers { name } } } } }',
  );
  const lines = loyaltyPrograms.nodes.map(({ name, tierScheme }) => {
    const tiers = (tierScheme?.tiers ?? []).map((tier) => tier.name).join(', ');
    return `    ${name}: ${formatCount(tierScheme?.tiers.length ?? 0)} tiers (${tiers}), earned in the commit that records a purchase`;
  });
  return `  Loyalty\n${lines.join('\n')}`;
}
