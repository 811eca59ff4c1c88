import type { NewChange } from '../kernel/changes.queries.ts';
import type { Database, Tx } from '../kernel/database.ts';
import type { Ids } from '../kernel/ids.ts';
import type { JsonObject } from '../kernel/json.ts';

/**
 * What a table can tell about people. `PSEUDONYMS`: ids, times and numbers that belong to somebody and say nothing on their
 * own. `PERSONAL`: values that people gave or that describe them, free text included.
 */
export type Holding = 'NOTHING' | 'PSEUDONYMS' | 'PERSONAL';

/** The person that a request is about, as of the transaction that reads them. All ids are UUIDs. */
export interface Subject {
  /** The customer's id. */
  readonly customerId: string;
  /** That, and every id that leads or led to it: the ids of all its records. What is kept by customer is found by these. */
  readonly customerIds: readonly string[];
  readonly recordIds: readonly string[];
  /** Identifiers that only records of this customer carry or ever carried. */
  readonly identifierIds: readonly string[];
  /** Identifiers that records of others carry too, such as a family's e-mail address: theirs as well. */
  readonly sharedIdentifierIds: readonly string[];
}

/** What becomes of the rows of a table when somebody is erased. */
export type ErasureEffect =
  /** Gone. */
  | 'DELETED'
  /** They stay, for sums and ledgers, and nothing leads from them to the person any more. */
  | 'ANONYMISED'
  /** They stay as they are: nothing in them is the person's. */
  | 'KEPT';

/** One erasure, for the tables that take part in it. */
export interface Erasure {
  /** The data subject request. */
  readonly requestId: string;
  readonly at: Date;
  readonly ids: Ids;
  /** The name of the API key. */
  readonly actor: string;
  readonly subject: Subject;
  /**
   * Gone with the transaction. What stays of the person goes by ids that are made with it (`newId` in
   * `erased-ids.queries.ts`): the same in every table, and no way back to the old ones.
   */
  readonly salt: string;
  /** By table: keys of rows that {@link PersonalTable.find} has found. */
  readonly found: ReadonlyMap<string, readonly string[]>;
  /** Lines for the change feed, for whoever has to hear of it. */
  readonly changes: NewChange[];
  /** What administrators' acts about the person were about: their reasons go too. */
  readonly audited: AuditedSubjects;
}

/** Subjects of audit entries. */
export interface AuditedSubjects {
  /** Public ids, and other names, that are the person's alone: every reason given about them goes. */
  readonly own: Set<string>;
  /** Public ids that are others' too, such as a household's: of these, entries whose detail names one of `own`. */
  readonly shared: Set<string>;
}

/** What has to be brought to an end before a person's rows go, by rules of its own: points, for instance. */
export interface Closing {
  /** Others who are concerned, and have to be locked. UUIDs of customers, as they are now. */
  readonly companions: (db: Database, subject: Subject) => Promise<readonly string[]>;
  /** The person and the companions are locked. */
  readonly close: (tx: Tx, erasure: Erasure) => Promise<void>;
  /** After every table: what is left goes by other ids. */
  readonly settle?: (tx: Tx, erasure: Erasure) => Promise<void>;
}

/** The rule of one table. A test demands one for every table of the database. */
export interface PersonalTable {
  readonly table: string;
  readonly holds: Holding;
  /** What it holds of people, or why it holds nothing: one sentence for the documentation. */
  readonly why: string;
  /** What an erasure does to rows of the erased; one sentence. Left out where there can be none. */
  readonly effect?: ErasureEffect;
  readonly afterwards?: string;
  /**
   * Does it, in the erasure's transaction, and answers how many rows of the table it deleted or changed. Tables are erased
   * in the order of the list, so those that lead to others come after them.
   */
  readonly erase?: (tx: Tx, erasure: Erasure) => Promise<number>;
  /**
   * Whoever reads first and writes later, such as the matcher, may write a row of somebody who was erased in between: for a
   * while, `erase` is run again for the old ids.
   */
  readonly late?: boolean;
  /**
   * Keys of rows for which no index leads from the person, for `erase` to take from `found`. It reads the whole table, so it
   * is called before anything is locked; once everything is, it is called again for what has come behind `after` since.
   */
  readonly find?: (db: Database, search: PersonSearch) => Promise<Found>;
}

export interface PersonSearch {
  readonly subject: Subject;
  /** What the first call answered as `upTo`; null in the first call. */
  readonly after: string | null;
}

export interface Found {
  readonly keys: readonly string[];
  /** Everything up to here has been looked at. */
  readonly upTo: string;
}

/** What an access export says about one table. One for each table that holds PERSONAL or PSEUDONYMS of people. */
export interface ExportedTable {
  readonly table: string;
  /** All rows about the subject, a page at a time, in an order that stays. Values of other people are left out. */
  readonly export: (db: Database, subject: Subject) => AsyncIterable<readonly JsonObject[]>;
}

/** Tables that hold something of a person, by name. */
export function tablesWithPeople(tables: readonly PersonalTable[]): ReadonlySet<string> {
  return new Set(tables.filter(({ holds }) => holds !== 'NOTHING').map(({ table }) => table));
}
