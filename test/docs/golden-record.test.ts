import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { openView, type ViewApi } from '../support/view.ts';
import { findBlocks } from './markdown.ts';

let database: TestDatabase;
let view: ViewApi;

beforeAll(async () => {
  database = await openTestDatabase();
  view = await openView(database.url);
});
afterAll(async () => {
  await view.close();
  await database.close();
});

interface Call {
  query: string;
  variables: Record<string, unknown>;
}

function callWith(text: string): Call {
  const block = findBlocks('sh').find((one) => one.place.startsWith('docs/identity.md') && one.text.includes(text));
  return JSON.parse(/-d '([^']+)'/.exec(block!.text)![1]!) as Call;
}

test('the example of the golden record gives what the page says', async () => {
  for (const { query, variables } of [callWith('visitCount", "type"'), callWith('gold-1')]) {
    await view.ask(query, variables, ['admin']);
  }
  const { text } = findBlocks('graphql').find((block) => block.text.startsWith('query WhereFrom'))!;
  const { customer } = await view.ask<{ customer: { traits: Record<string, unknown>[] } }>(text);
  expect(customer.traits).toMatchObject([
    { name: 'firstName', value: 'A.', source: 'till', losers: [{ value: 'Ann', source: 'web', reason: 'OLDER' }] },
    { name: 'visitCount', value: 15, strategy: 'SUM', contributions: [{ value: 3 }, { value: 12 }], losers: [] },
  ]);
});
