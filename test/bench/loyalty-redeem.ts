import { Agent } from 'node:http';
import { exampleProgram } from '../loyalty/example-program.ts';
import { publishAt } from '../loyalty/fixture.ts';
import { feed } from './feed.ts';
import { postQuery } from './post-query.ts';
import { type Figures, median, percentile, round } from './report.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

const members = 4_000;
const redemptions = 10_000;
const lanes = 16;
const races = 20;
const rivals = 50;

const mutation = `mutation Redeem($input: RedeemPointsInput!) {
  redeemPoints(input: $input) { decision { id status } }
}`;

/**
 * Redemptions at the API: fifty at once of a balance that is enough for one, and ten thousand over many members, as fast as
 * sixteen tills get their answers.
 */
export async function run(): Promise<Figures> {
  const server = await startServerProcess();
  const agent = new Agent({ keepAlive: true, maxSockets: rivals });
  try {
    await publishAt({ pool: server.pool }, exampleProgram());
    await feed(server, purchases(), 'purchases to redeem from');
    const winners = await race(server, agent);
    const { rate, latencies, refused } = await redeemMany(server, agent);
    return {
      'redeem: winners of each race of 50 (goal 1)': [...new Set(winners)].join(' '),
      'redeem: a minute (goal ≥ 10,000)': round(rate * 60),
      'redeem: failures (goal 0)': refused,
      'redeem: p50 ms': round(median(latencies), 1),
      'redeem: p95 ms': round(percentile(latencies, 0.95), 1),
    };
  } finally {
    agent.destroy();
    await server.stop();
  }
}

function purchases() {
  const now = Date.now();
  return Array.from({ length: members }, (_, index) => ({
    messageId: `redeem-${index}`,
    source: 'pos',
    key: `card-${index}`,
    identifiers: [{ kind: 'loyaltyCard', value: `card-${index}` }],
    type: 'order.completed',
    occurredAt: new Date(now - 60_000 - index).toISOString(),
    value: { amount: index < races ? '100' : '1000', currency: 'CHF' },
  }));
}

interface Answer {
  readonly data?: { readonly redeemPoints: { readonly decision: { readonly id: string } } } | null;
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
}

function redeem(
  server: ServerProcess,
  agent: Agent,
  { member, points, key }: { member: number; points: number; key: string },
) {
  const identifier = { kind: 'loyaltyCard', value: `card-${member}` };
  const input = { member: { identifier }, points, idempotencyKey: key };
  return postQuery<Answer>(server, agent, { query: mutation, variables: { input } });
}

/** How many of fifty got the same hundred points, for each of some members. */
async function race(server: ServerProcess, agent: Agent): Promise<number[]> {
  const winners: number[] = [];
  for (let member = 0; member < races; member += 1) {
    const answers = await Promise.all(
      Array.from({ length: rivals }, (_, till) =>
        redeem(server, agent, { member, points: 100, key: `${member}-${till}` }),
      ),
    );
    const others = answers.filter(({ data }) => !data?.redeemPoints);
    const odd = others.find(({ errors }) => errors?.[0]?.extensions.code !== 'INSUFFICIENT_POINTS');
    if (odd) throw new Error(`Refused for another reason: ${JSON.stringify(odd)}`);
    winners.push(answers.length - others.length);
  }
  return winners;
}

async function redeemMany(server: ServerProcess, agent: Agent) {
  const latencies: number[] = [];
  let refused = 0;
  const queue = Array.from({ length: redemptions }, (_, index) => index).values();
  const started = performance.now();
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (const index of queue) {
        const sent = performance.now();
        const member = races + ((index * 7919) % (members - races));
        const { data } = await redeem(server, agent, { member, points: 10 + (index % 50), key: `many-${index}` });
        latencies.push(performance.now() - sent);
        if (!data) refused += 1;
      }
    }),
  );
  return { rate: (redemptions * 1000) / (performance.now() - started), latencies, refused };
}
