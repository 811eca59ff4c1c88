import { audit } from '../access/audit.service.ts';
import { hasScope, requireScope } from '../access/scopes.ts';
import type { GivenIdentifier } from '../identity/customer.service.ts';
import { lockCustomers } from '../identity/customers.queries.ts';
import { identifierId, normaliseIdentifier } from '../identity/normalise.ts';
import { appendChanges } from '../kernel/changes.queries.ts';
import type { Context } from '../kernel/context.ts';
import type { Database, Tx } from '../kernel/database.ts';
import { badInput, DomainError } from '../kernel/errors.ts';
import { toPublicId } from '../kernel/ids.ts';
import { lookUpByIndex } from '../kernel/plans.queries.ts';
import { checkReason } from '../kernel/request-input.ts';
import { getSegment, noSegment } from './segment.service.ts';
import type { SegmentEvaluator } from './segment-evaluator.service.ts';
import { deleteEntries, findCarriers, findOwnersOfRecords, insertEntries } from './segment-lists.queries.ts';
import { because } from './segment-reactions.service.ts';
import { findSegments, type SegmentView } from './segments.queries.ts';

export interface ChangeList {
  /** UUID, as are the customers'. */
  readonly segmentId: string;
  /** Any ids that customers ever had. */
  readonly customerIds?: readonly string[] | null;
  readonly identifiers?: readonly GivenIdentifier[] | null;
  readonly reason?: string | null;
}

export const listOutcomes = ['ADDED', 'ALREADY_THERE', 'REMOVED', 'NOT_THERE', 'UNKNOWN'] as const;
export type ListOutcome = (typeof listOutcomes)[number];

/** What became of one customer that was named. */
export interface ListItem {
  /** Where it was named, such as `input.identifiers[3]`. */
  readonly field: string;
  readonly outcome: ListOutcome;
  /** As they are now. Null for UNKNOWN, and for callers who may not read customers. */
  readonly customerId: string | null;
}

export interface ListChange {
  readonly segment: SegmentView;
  readonly items: readonly ListItem[];
  /** Customers who were put on the list or taken off. */
  readonly changed: number;
}

/** Customers whose ids the audit log names. */
const mostNamed = 20;
const mostAtOnce = 1_000;
const mostAttempts = 5;

interface ListSettings {
  readonly idSecret: string;
  readonly defaultRegion: string;
}

/** Puts customers on lists and takes them off: both can be repeated at will. */
export class SegmentListService {
  readonly #evaluator: SegmentEvaluator;
  readonly #settings: ListSettings;

  constructor(evaluator: SegmentEvaluator, settings: ListSettings) {
    this.#evaluator = evaluator;
    this.#settings = settings;
  }

  add(ctx: Context, input: ChangeList): Promise<ListChange> {
    return this.#change(ctx, input, {
      action: 'list_added',
      outcomes: ['ADDED', 'ALREADY_THERE'],
      write: (tx, { segmentId, customerIds, now }) =>
        insertEntries(tx, { segmentId, customerIds, now, actor: ctx.viewer.name }),
    });
  }

  remove(ctx: Context, input: ChangeList): Promise<ListChange> {
    return this.#change(ctx, input, {
      action: 'list_removed',
      outcomes: ['REMOVED', 'NOT_THERE'],
      write: (tx, written) => deleteEntries(tx, written),
    });
  }

  async #change(ctx: Context, input: ChangeList, way: Way): Promise<ListChange> {
    requireScope(ctx, 'segments:manage');
    const { segmentId } = input;
    const reason = checkReason(input.reason);
    const named = this.#readNamed(input);
    for (let attempt = 1; ; attempt += 1) {
      const done = await ctx.pool.begin((tx) => this.#attempt(tx, ctx, { segmentId, named, reason, way }));
      if (done) {
        ctx.loaders.clear();
        ctx.feed.wake();
        return { ...done, segment: await getSegment(ctx, segmentId) };
      }
      if (attempt === mostAttempts) throw restless();
    }
  }

  /** Undefined where a customer was merged or split between being found and being locked: nothing is done then. */
  async #attempt(
    tx: Tx,
    ctx: Context,
    { segmentId, named, reason, way }: Attempt,
  ): Promise<Omit<ListChange, 'segment'> | undefined> {
    await lookUpByIndex(tx);
    await checkList(tx, segmentId);
    const found = await findNamed(tx, named);
    const customerIds = [...new Set(found.values())].sort();
    if (customerIds.length === 0) return { items: toItems(ctx, { named, found, changed: new Set(), way }), changed: 0 };
    await lockCustomers(tx, customerIds);
    // In a statement after the one that locks: whoever regroups a customer holds its lock.
    if (!areAlike(found, await findNamed(tx, named))) return undefined;
    const now = ctx.clock.now();
    const changed = await way.write(tx, { segmentId, customerIds, now });
    if (changed.length > 0) await this.#tell(tx, ctx, { segmentId, changed, now, reason, way });
    return { items: toItems(ctx, { named, found, changed: new Set(changed), way }), changed: changed.length };
  }

  async #tell(tx: Tx, ctx: Context, { segmentId, changed, now, reason, way }: Told): Promise<void> {
    const what = {
      types: new Map(),
      traits: none,
      identity: false,
      members: false,
      list: true,
      loyalty: false,
      kpis: false,
    };
    const changes = await this.#evaluator.evaluate(tx, {
      at: now,
      touches: changed.map((customerId) => ({ customerId, what })),
      causeOf: () => because('LIST'),
    });
    await appendChanges(tx, now, changes);
    // A reason for a few may say who they are: it must be found when one of them is erased.
    const ids = changed.length <= mostNamed ? changed.map((id) => toPublicId('cus', id)) : null;
    const detail = { customers: changed.length, ids };
    await audit(tx, ctx, {
      action: `segments.${way.action}`,
      subject: toPublicId('seg', segmentId),
      reason,
      detail,
    });
  }

  #readNamed({ customerIds, identifiers }: ChangeList): Named[] {
    const named: Named[] = [
      ...(customerIds ?? []).map((id, index): Named => ({ field: `input.customerIds[${index}]`, by: 'RECORD', id })),
      ...(identifiers ?? []).map(
        (given, index): Named => ({
          field: `input.identifiers[${index}]`,
          by: 'IDENTIFIER',
          id: this.#identifierId(given),
        }),
      ),
    ];
    if (named.length >= 1 && named.length <= mostAtOnce) return named;
    throw badInput(
      `Expected 1 to ${mostAtOnce} customers by id or identifier, got ${named.length}.`,
      'input.customerIds',
    );
  }

  /** Null for what can't be an identifier of its kind: nobody carries it. */
  #identifierId({ kind, value }: GivenIdentifier): string | null {
    const normalised = normaliseIdentifier(kind, value, this.#settings);
    return normalised.ok ? identifierId(this.#settings.idSecret, normalised.kind, normalised.value) : null;
  }
}

/** How a list is changed. */
interface Way {
  readonly action: 'list_added' | 'list_removed';
  /** Of a customer who was changed, and of one who was not. */
  readonly outcomes: readonly [ListOutcome, ListOutcome];
  write(tx: Tx, written: { segmentId: string; customerIds: readonly string[]; now: Date }): Promise<string[]>;
}

/** A customer as the caller names them. */
interface Named {
  readonly field: string;
  readonly by: 'RECORD' | 'IDENTIFIER';
  readonly id: string | null;
}

interface Attempt {
  readonly segmentId: string;
  readonly named: readonly Named[];
  readonly reason: string | null;
  readonly way: Way;
}

interface Told extends Omit<Attempt, 'named'> {
  readonly changed: readonly string[];
  readonly now: Date;
}

const none: ReadonlySet<string> = new Set();

/** The customers by where they were named. */
async function findNamed(db: Database, named: readonly Named[]): Promise<Map<string, string>> {
  const idsBy = (by: Named['by']) => named.flatMap((one) => (one.by === by && one.id !== null ? [one.id] : []));
  const [owners, carriers] = [
    await findOwnersOfRecords(db, idsBy('RECORD')),
    await findCarriers(db, idsBy('IDENTIFIER')),
  ];
  const customerOf = {
    RECORD: new Map(owners.map(({ id, customerId }) => [id, customerId])),
    IDENTIFIER: new Map(carriers.map(({ id, customerId }) => [id, customerId])),
  };
  const found = new Map<string, string>();
  for (const { field, by, id } of named) {
    const customerId = id === null ? undefined : customerOf[by].get(id);
    if (customerId !== undefined) found.set(field, customerId);
  }
  return found;
}

function areAlike(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([field, customerId]) => b.get(field) === customerId);
}

function toItems(
  ctx: Context,
  {
    named,
    found,
    changed,
    way,
  }: {
    named: readonly Named[];
    found: ReadonlyMap<string, string>;
    changed: ReadonlySet<string>;
    way: Way;
  },
): ListItem[] {
  const mayRead = hasScope(ctx, 'customers:read');
  return named.map(({ field }) => {
    const customerId = found.get(field) ?? null;
    if (customerId === null) return { field, outcome: 'UNKNOWN', customerId };
    const outcome = way.outcomes[changed.has(customerId) ? 0 : 1];
    return { field, outcome, customerId: mayRead ? customerId : null };
  });
}

async function checkList(tx: Tx, id: string): Promise<void> {
  const [segment] = await findSegments(tx, [id]);
  if (!segment) throw noSegment(id);
  const name = JSON.stringify(segment.name);
  if (segment.kind !== 'LIST')
    throw badInput(`The segment ${name} is no list: its definition says who is in.`, 'input.segmentId');
  if (segment.status !== 'ACTIVE') throw badInput(`The list ${name} is archived.`, 'input.segmentId');
}

function restless(): DomainError {
  return new DomainError('SERVICE_UNAVAILABLE', 'The customers are being merged and split at the moment. Try again.');
}
