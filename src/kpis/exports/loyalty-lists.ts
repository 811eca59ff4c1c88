import { count, type EntityList, id, shared, text, time } from './entity-list.ts';

const filter = true;

const accounts: EntityList = {
  name: 'loyalty-accounts',
  view: 'loyalty_accounts',
  description: 'Points of each card, by programme and wallet.',
  scopes: ['customers:read', 'loyalty:read'],
  time: 'opened_at',
  order: ['record_id', 'program_id', 'wallet'],
  columns: [
    shared.record,
    shared.owner,
    shared.program,
    text('wallet', 'The kind of points.', { filter }),
    count('issued', 'Points ever issued, what was taken back included.'),
    count('pending', 'Points that will become available.'),
    count('available', 'Points that can be spent.'),
    count('reserved', 'Points set aside for a redemption under way.'),
    count('redeemed', 'Points spent.'),
    count('expired', 'Points that expired.'),
    count('reversed', 'Points taken back, such as for returns.'),
    count('adjusted', 'Points taken out by corrections.'),
    count('transferred', 'Points handed over to others.'),
    count('owed', 'Points spent that nothing covers.'),
    time('opened_at', 'When the account was opened.'),
  ],
};

const postings: EntityList = {
  name: 'loyalty-postings',
  view: 'loyalty_postings',
  description: 'The ledger of points. Every row takes points out of one bucket and puts them into another.',
  scopes: ['customers:read', 'loyalty:read'],
  time: 'at',
  order: ['at', 'posting_id'],
  columns: [
    text('posting_id', 'UUID of the row of the ledger, in the order of writing.'),
    id('entry_id', 'ent', 'What was written for one cause has one.'),
    shared.record,
    shared.owner,
    shared.program,
    text('wallet', 'The kind of points.', { filter }),
    id('lot_id', 'lot', 'The points that were granted together and expire together.'),
    time('at', 'When.'),
    text('from_bucket', 'Where the points were.', { filter }),
    text('to_bucket', 'Where they are now.', { filter }),
    count('points', 'How many, more than 0.'),
    text('kind', 'Why.', { filter }),
  ],
};

const tiers: EntityList = {
  name: 'loyalty-tiers',
  view: 'loyalty_tiers',
  description: 'The tier of each member of a programme that has tiers.',
  scopes: ['customers:read', 'loyalty:read'],
  time: 'since',
  order: ['customer_id', 'program_id'],
  columns: [
    shared.customer,
    shared.program,
    text('tier', 'Key of the tier.', { filter }),
    time('since', 'Since when.'),
  ],
};

export const loyaltyLists: readonly EntityList[] = [accounts, postings, tiers];
