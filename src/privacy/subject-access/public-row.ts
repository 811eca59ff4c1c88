import { type IdPrefix, toPublicId } from '../../kernel/ids.ts';
import type { Json, JsonObject } from '../../kernel/json.ts';

/** Columns that hold ids, by the kind of what they are ids of: everywhere but in a table's own `id`. */
const prefixes: ReadonlyMap<string, IdPrefix> = new Map([
  ['customer_id', 'cus'],
  ['record_id', 'rec'],
  ['record_ids', 'rec'],
  ['other_record_ids', 'rec'],
  ['other_record_id', 'rec'],
  ['referrer_record_id', 'rec'],
  ['touchpoint_id', 'tp'],
  ['first_touchpoint_id', 'tp'],
  ['segment_id', 'seg'],
  ['program_id', 'prg'],
  ['household_id', 'hh'],
  ['account_id', 'acc'],
  ['offer_id', 'off'],
  ['voucher_id', 'vch'],
  ['pool_id', 'pool'],
  ['removed_by', 'dec'],
  ['request_id', 'dsr'],
]);

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A row with the ids that every other answer has, so that one can be looked up by the other. */
export function toPublicRow(row: JsonObject, idOf: IdPrefix | null): JsonObject {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => {
      const prefix = column === 'id' ? idOf : (prefixes.get(column) ?? null);
      return [column, prefix === null ? value : shown(prefix, value)];
    }),
  );
}

function shown(prefix: IdPrefix, value: Json): Json {
  if (Array.isArray(value)) return value.map((one) => shown(prefix, one));
  return typeof value === 'string' && uuid.test(value) ? toPublicId(prefix, value) : value;
}
