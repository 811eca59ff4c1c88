import type { Scope } from '../../access/scopes.ts';
import type { IdPrefix } from '../../kernel/ids.ts';
import type { CellType } from './export-table.ts';

export interface EntityColumn {
  readonly name: string;
  readonly type: CellType;
  readonly description: string;
  /** Of an ID: the UUID of the view becomes a public id. */
  readonly prefix?: IdPrefix;
  /** `?name=value` keeps the rows that have this value. */
  readonly filter?: boolean;
  /** Big, and may hold personal values: only where `?columns=` names it. Masked as its kind is. */
  readonly personal?: 'TRAITS' | 'FREE_FORM';
}

/** A list that can be downloaded: a view of the schema `bi`, column by column, with public ids instead of UUIDs. */
export interface EntityList {
  readonly name: string;
  /** In the schema `bi`. */
  readonly view: string;
  readonly description: string;
  /** All of them are needed. */
  readonly scopes: readonly Scope[];
  /** What `from` and `to` are about; null: they can't be given. */
  readonly time: string | null;
  /** Of the columns of the view. Unique, and starts with an index where there is one. */
  readonly order: readonly string[];
  readonly columns: readonly EntityColumn[];
}

type Rest = Omit<EntityColumn, 'name' | 'type' | 'description'>;

const of =
  (type: CellType) =>
  (name: string, description: string, rest: Rest = {}): EntityColumn => ({ name, type, description, ...rest });

export const text = of('TEXT');
export const time = of('TIME');
export const date = of('DATE');
export const count = of('COUNT');
export const decimal = of('DECIMAL');
export const float = of('FLOAT');
export const flag = of('BOOLEAN');
export const json = of('JSON');

export function id(name: string, prefix: IdPrefix, description: string, rest: Rest = {}): EntityColumn {
  return { name, type: 'ID', prefix, description, filter: true, ...rest };
}

const filter = true;

/** Columns that many lists have, said once. */
export const shared = {
  customer: id('customer_id', 'cus', 'The customer, by who is who now.'),
  owner: id('customer_id', 'cus', 'The customer whose record it is now; null: nobody knows whose it is.'),
  record: id('record_id', 'rec', 'The source record.'),
  program: id('program_id', 'prg', 'The loyalty programme.'),
  source: text('source', 'The system that told of it.', { filter }),
  channel: text('channel', 'Where it took place, such as WEB or POS.', { filter }),
  campaign: text('campaign', 'The campaign that it is credited to.', { filter }),
  currency: text('currency', 'ISO 4217 code of the amounts.', { filter }),
} as const;
