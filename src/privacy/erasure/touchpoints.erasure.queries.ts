import type { Fragment } from 'postgres';
import type { Database, Tx } from '../../kernel/database.ts';
import { toPublicId } from '../../kernel/ids.ts';
import { idList } from '../../kernel/sql-array.ts';
import { unknownBody } from '../../touchpoints/ingest.queries.ts';
import type { Erasure, PersonalTable } from '../personal-data.ts';
import { holdsNothing, newId, newName, ofRecords } from './erased-ids.queries.ts';

/** Touchpoints and what is counted of them. Receipts and what waits in quarantine are found by the touchpoints' old ids. */
export const touchpointTables: readonly PersonalTable[] = [
  {
    table: 'receipts',
    holds: 'PSEUDONYMS',
    why: 'Hashes of the messages that were accepted.',
    effect: 'ANONYMISED',
    afterwards: 'They stay, so that no message is taken twice, without the hash of its body and without its record.',
    erase: eraseReceipts,
  },
  {
    table: 'touchpoints',
    holds: 'PERSONAL',
    why: 'What people did, with traits, properties and context as senders gave them.',
    effect: 'ANONYMISED',
    afterwards:
      'Time, type, channel, direction, source, value and currency stay, of lines sku, quantity and price, and what KPIs count. ' +
      'Message ids, traits, context, campaigns and all other properties are gone.',
    erase: eraseTouchpoints,
  },
  {
    table: 'record_revenue',
    holds: 'PSEUDONYMS',
    why: 'Sums of orders and returns by record.',
    effect: 'ANONYMISED',
    afterwards: 'The sums stay, by the new ids of the records.',
    async erase(tx, { subject, salt }) {
      const { count } = await tx`
        update record_revenue set record_id = ${newId(tx, { salt }, tx`record_id`)}
        where ${tx(ofRecords.column)} = any(${idList(subject.recordIds)}::uuid[])`;
      return count;
    },
  },
  holdsNothing('imports', 'Names of files, and how many of their rows came to what.'),
];

async function eraseReceipts(tx: Tx, { subject }: Erasure): Promise<number> {
  const { count } = await tx`
    update receipts set fingerprint = ${unknownBody}, record_id = ${nobodysRecord}
    from (select id from touchpoints where record_id = any(${idList(subject.recordIds)}::uuid[])) as own
    where receipts.id = own.id`;
  return count;
}

const nobodysRecord = '00000000-0000-0000-0000-000000000000';

async function eraseTouchpoints(tx: Tx, { subject, salt, audited }: Erasure): Promise<number> {
  const { count } = await tx`
    update touchpoints
    set record_id = ${newId(tx, { salt }, tx`record_id`)}, id = ${newId(tx, { salt }, tx`id`)}, message_id = ${newId(tx, { salt }, tx`id`)}::text,
        campaign = null, traits = null, context = null, identifier_ids = null, given = null,
        properties = ${anonymousProperties(tx, salt)},
        lines = (
          select jsonb_agg(
                   jsonb_build_object('sku', line -> 'sku', 'name', null, 'category', null, 'quantity', line -> 'quantity',
                                      'price', line -> 'price') order by place)
          from jsonb_array_elements(lines) with ordinality as l (line, place))
    where record_id = any(${idList(subject.recordIds)}::uuid[])`;
  for (const id of subject.customerIds) {
    audited.own.add(toPublicId('cus', id));
    audited.own.add(toPublicId('rec', id));
  }
  return count;
}

/**
 * What KPIs count, in the form in which they read it: numbers, codes, and names of the organisation's own such as a store's.
 * Numbers of orders, cases and contracts are the person's: others take their places, so that a return still finds its order.
 */
function anonymousProperties(db: Database, salt: string): Fragment {
  const kept = (name: string, isKept: Fragment) => db`case when ${isKept} then properties -> ${name} end`;
  const renamed = (name: string) => newName(db, { salt }, nameOf(db, name));
  const isName = (name: string) => db`${nameOf(db, name)} is not null`;
  const isNumber = (name: string) => db`jsonb_typeof(properties -> ${name}) = 'number'`;
  return db`
    nullif(jsonb_strip_nulls(case
      when type in ('order.completed', 'order.returned') then jsonb_build_object(
        'orderId', ${renamed('orderId')}, 'store', ${kept('store', isName('store'))},
        'cost', ${kept('cost', db`properties ->> 'cost' ~ '^[0-9]{1,12}(\\.[0-9]{1,8})?$'`)})
      when type = 'survey.answered' then jsonb_build_object(
        'survey', ${kept('survey', db`properties ->> 'survey' in ('NPS', 'CSAT', 'CES')`)},
        'score', ${kept('score', isNumber('score'))}, 'variant', ${kept('variant', isName('variant'))})
      when type like 'case.%' then jsonb_build_object(
        'caseId', ${renamed('caseId')}, 'complaint', ${kept('complaint', db`jsonb_typeof(properties -> 'complaint') = 'boolean'`)},
        'severity', ${kept('severity', db`properties ->> 'severity' = 'SEVERE'`)},
        'satisfaction', ${kept('satisfaction', isNumber('satisfaction'))})
      when type like 'contract.%' then jsonb_build_object(
        'contractId', ${renamed('contractId')},
        'endsAt', ${kept('endsAt', db`properties ->> 'endsAt' ~ '^[-0-9T:.Z+]{17,29}$'`)})
    end), '{}')`;
}

/** As facts read names: text of up to 200 characters, or a whole number. */
export function nameOf(db: Database, name: string): Fragment {
  return db`
    case when jsonb_typeof(properties -> ${name}) = 'string' and char_length(properties ->> ${name}) between 1 and 200
           then properties ->> ${name}
         when jsonb_typeof(properties -> ${name}) = 'number' and properties ->> ${name} ~ '^-?[0-9]{1,15}$'
           then properties ->> ${name} end`;
}
