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

/** Opens the club once, as of the beginning of the history: a second start finds it open. */
export async function openClub(api: ApiClient, { since, signal }: { since: Date; signal: AbortSignal }): Promise<void> {
  const input = { name: 'Ahornia Club', definition, idempotencyKey: 'demo club' };
  const { createLoyaltyProgram } = await api.requestPatiently<Created>(create, { input }, signal);
  const { id: programId, publishedVersion } = createLoyaltyProgram.program;
  if (publishedVersion !== null) return;
  const effectiveAt = new Date(since.getTime() - 30 * day).toISOString();
  await api.requestPatiently(publish, { input: { programId, effectiveAt } }, signal);
  await api.requestPatiently(setPhase, { input: { programId, phase: 'LIVE', effectiveAt } }, signal);
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
