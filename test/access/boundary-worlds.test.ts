import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  downloads,
  listQuestions,
  metricQueries,
  metricQuestion,
  nodeQuestion,
  personQuestions,
} from './boundary-questions.ts';
import { openWorld, type Person, people, reading, touchpointsOf, type World } from './boundary-world.ts';

const everybody = people(16, 20_260_301);

/** What was said last counts: of a channel, or of every channel. */
function consented({ consents }: Person, purpose: string, channel?: string): boolean {
  const last = (name: string | null) =>
    consents.filter((one) => one.purpose === purpose && (one.channel === name || one.channel === null)).at(-1);
  if (channel !== undefined) return last(channel)?.granted ?? false;
  const named = [...new Set(consents.filter((one) => one.purpose === purpose).map((one) => one.channel))];
  return named.includes(null) && named.every((name) => last(name)!.granted);
}

type Kept = (person: Person) => boolean;

const boundaries: readonly [string, (world: World) => Record<string, unknown>, Kept][] = [
  ['a segment', ({ segmentId }) => ({ segments: [segmentId] }), ({ vip }) => vip],
  [
    'a consent by one channel',
    () => ({ consents: [{ purpose: 'marketing', channel: 'email' }] }),
    (person) => consented(person, 'marketing', 'EMAIL'),
  ],
  [
    'a segment and a consent by every channel',
    ({ segmentId }) => ({ segments: [segmentId], consents: [{ purpose: 'analytics' }] }),
    (person) => person.vip && consented(person, 'analytics'),
  ],
];

let whole: World;
beforeAll(async () => {
  whole = await openWorld(everybody.flatMap(touchpointsOf));
}, 120_000);
afterAll(() => whole?.close());

describe.each(boundaries)(
  'a key kept to %s sees a platform that has only those customers',
  (_what, boundaryOf, isKept) => {
    let small: World;
    /** In the whole world the bounded key, in the small one a key that may see everything. */
    let keys: { bounded: string; free: string };
    const inside = everybody.filter(isKept);

    beforeAll(async () => {
      const idSecret = await secretOf(whole);
      small = await openWorld(inside.flatMap(touchpointsOf), { idSecret });
      keys = { bounded: await whole.key({ boundary: boundaryOf(whole) }), free: await small.key({}) };
    }, 120_000);
    afterAll(() => small?.close());

    const ask = async (query: string, variables?: Record<string, unknown>) => {
      const [bounded, free] = await Promise.all([
        whole.ask(keys.bounded, query, variables),
        small.ask(keys.free, query, variables),
      ]);
      return { bounded: plain(bounded), free: plain(free) };
    };

    test('there are some, and not all', () => {
      expect(inside.length).toBeGreaterThan(0);
      expect(inside.length).toBeLessThan(everybody.length);
    });

    test.each(Object.entries(listQuestions))('%s', async (_name, query) => {
      const { bounded, free } = await ask(query);
      expect(free.errors).toEqual([]);
      expect(bounded).toEqual(free);
    });

    test.each(Object.entries(personQuestions))('everybody, one by one: %s', async (_name, query) => {
      for (const { number } of everybody) {
        const id = whole.customers.get(number)!;
        const { bounded, free } = await ask(query, { id, email: `person-${number}@example.org` });
        expect(bounded, `${number}`).toEqual(free);
      }
    });

    test('everything by its id', async () => {
      const { data } = await whole.server.graphql('{ touchpoints(first: 200) { nodes { id record { id } } } }');
      const { nodes } = (data as { touchpoints: { nodes: { id: string; record: { id: string } }[] } }).touchpoints;
      expect(nodes.length).toBeGreaterThan(30);
      for (const id of new Set(nodes.flatMap((node) => [node.id, node.record.id]))) {
        const { bounded, free } = await ask(nodeQuestion, { id });
        expect(bounded, id).toEqual(free);
      }
    });

    test.each(metricQueries.map((query) => [JSON.stringify(query), query] as const))(
      'metrics: %s',
      async (_name, query) => {
        const { bounded, free } = await ask(metricQuestion, { query });
        expect(free.errors).toEqual([]);
        expect(bounded).toEqual(free);
      },
    );

    test.each(downloads)('%s', async (path) => {
      const [bounded, free] = await Promise.all([whole.download(keys.bounded, path), small.download(keys.free, path)]);
      expect(free.status, free.body).toBe(200);
      expect(bounded.body).toEqual(free.body);
    });

    test('a metric query as a file', async () => {
      const query = JSON.stringify({ measures: ['GROSS_REVENUE'], dimensions: ['SOURCE'] });
      const post = async (world: World, key: string) => {
        const response = await fetch(`${world.server.url}/exports/metrics`, {
          method: 'POST',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          body: query,
        });
        return { status: response.status, text: await response.text() };
      };
      const free = await post(small, keys.free);
      expect(free.status, free.text).toBe(200);
      expect(await post(whole, keys.bounded)).toEqual(free);
    });

    test('why somebody is in a segment, or that there is nobody of that id', async () => {
      const query = (segmentId: string) =>
        `query ($id: ID!) { explainMembership(customerId: $id, segmentId: "${segmentId}") { isMember verdict customer { id } judgements { verdict text } } }`;
      for (const { number } of everybody) {
        const id = whole.customers.get(number)!;
        const bounded = plain(await whole.ask(keys.bounded, query(whole.segmentId), { id }));
        expect(bounded, `${number}`).toEqual(plain(await small.ask(keys.free, query(small.segmentId), { id })));
      }
    });

    test('a subscription to somebody outside is one to nobody', async () => {
      const outsider = everybody.find((person) => !isKept(person))!;
      const id = whole.customers.get(outsider.number)!;
      const query = `subscription { customerChanged(id: "${id}") { cursor } }`;
      const [bounded, free] = await Promise.all([
        firstOf(whole, keys.bounded, query),
        firstOf(small, keys.free, query),
      ]);
      expect(free).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] });
      expect(bounded).toEqual(free);
    });
  },
);

test('the same questions tell a key without a boundary of everybody: they can fail', async () => {
  const free = await whole.key({ scopes: reading });
  const { data } = await whole.ask(free, '{ customers(first: 200) { totalCount } }');
  expect(data).toEqual({ customers: { totalCount: everybody.length } });
});

async function secretOf({ database }: World): Promise<string> {
  const [row] = await database.pool<
    { secret: string }[]
  >`select value #>> '{}' as secret from settings where name = 'id_secret'`;
  return row!.secret;
}

/** Without what says when it was asked; places in the document are the same. */
function plain({ data, errors }: { data: unknown; errors: readonly object[] }) {
  return { data, errors: errors.map((error) => ({ ...error, requestId: undefined })) };
}

async function firstOf({ server }: World, key: string, query: string): Promise<unknown> {
  const client = server.websocket({ key });
  for await (const result of client.iterate({ query })) return result;
  return undefined;
}
