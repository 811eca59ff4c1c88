import { lockCustomers } from '../../identity/customers.queries.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database, Tx } from '../../kernel/database.ts';
import { badInput, notFound } from '../../kernel/errors.ts';
import { deriveUuid, fingerprintUuid, toPublicId } from '../../kernel/ids.ts';
import { canonicalJson } from '../../kernel/json.ts';
import { groupBy } from '../../kernel/lists.ts';
import { lookUpByIndex } from '../../kernel/plans.queries.ts';
import { checkIdempotencyKey } from '../../kernel/request-input.ts';
import type { Program } from '../program.ts';
import type { ProgramBook } from '../programs/program-book.service.ts';
import { versionAt } from '../terms.ts';
import { asOf, type Decision, type DecisionKind } from './decision.ts';
import { findDecisions } from './decisions.queries.ts';
import { type DecisionHead, type DeskSettings, type Member, OpenDesk, type Outcome } from './open-desk.service.ts';
import {
  findIdentified,
  findMembershipsOf,
  findOwnersOfMemberships,
  type MembershipOfCustomer,
} from './parties.queries.ts';
import {
  findParties,
  type GivenMember,
  isSame,
  type NamedParty,
  type Parties,
  type Party,
  readMember,
} from './parties.service.ts';
import { idempotencyConflict, notAMember, restless } from './refusals.ts';

export interface DecisionDeskSettings extends DeskSettings {
  readonly book: ProgramBook;
}

/** Who is concerned, in which programme. */
export interface Meeting {
  readonly programId: string;
  readonly parties: readonly NamedParty[];
  /** With everybody who spends together with them. */
  readonly pooled?: boolean;
}

/** What is asked for. */
export interface DecisionRequest extends Meeting {
  readonly kind: DecisionKind;
  /** All that makes it this request and no other. */
  readonly input: object;
  readonly idempotencyKey?: string | null;
  readonly reason?: string | null;
  /** When it took place; now, if left out. */
  readonly occurredAt?: Date | null;
}

const mostAttempts = 5;
/** How long a till may be offline. */
const mostDaysBack = 30;
const oneDay = 86_400_000;

/** How everything about members and their points is decided: once, with everybody concerned locked. */
export class DecisionDesk {
  readonly settings: DecisionDeskSettings;

  constructor(settings: DecisionDeskSettings) {
    this.settings = settings;
  }

  readMember(given: GivenMember, field = 'input.member'): NamedParty {
    return readMember(given, field, this.settings);
  }

  /** By its id; that of the membership; the only one there is. */
  async programOf(ctx: Context, { programId, member }: ProgramQuestion): Promise<Program> {
    const programs = await this.settings.book.current(ctx.pool);
    const id = programId ?? (await programOfMembership(ctx.pool, member?.membershipId));
    if (id === undefined && programs.length === 1) return programs[0]!;
    if (id === undefined) throw badInput(`Which of the ${programs.length} programmes?`, 'input.programId');
    return getProgram(programs, id);
  }

  /** Begins anew where somebody was merged or split between being found and being locked. */
  async open<T>(ctx: Context, meeting: Meeting, work: (desk: OpenDesk) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const done = (await ctx.pool.begin((tx) => this.#attempt(tx, ctx, { meeting, work }))) as Done<T> | undefined;
      if (done) {
        ctx.loaders.clear();
        ctx.feed.wake();
        return done.value;
      }
      if (attempt === mostAttempts) throw restless();
    }
  }

  /**
   * Decides once: a repeat under the same idempotency key answers what was decided first, with another input it throws
   * `IDEMPOTENCY_CONFLICT`. `work` says what the decision comes to; it may throw, and then nothing is written.
   */
  async decide(
    ctx: Context,
    request: DecisionRequest,
    work: (desk: OpenDesk, head: DecisionHead) => Promise<Outcome>,
  ): Promise<Decision> {
    const { kind, idempotencyKey, occurredAt } = request;
    const id = this.#idOf(ctx, request);
    const fingerprint = fingerprintUuid(canonicalJson(plain({ kind, input: request.input })));
    const repeat = async (db: Database) => {
      const first = idempotencyKey == null ? undefined : await findRepeat(db, { id, fingerprint });
      return first && asOf(first, ctx.clock.now());
    };
    const at = checkOccurredAt(occurredAt, ctx.clock.now());
    return (
      (await repeat(ctx.pool)) ??
      this.open(ctx, request, async (desk) => {
        const first = await repeat(desk.tx);
        if (first) return first;
        const head = { id, kind, at: at ?? desk.now, reason: request.reason ?? null, fingerprint };
        return desk.enter(head, await work(desk, head));
      })
    );
  }

  /** Undefined where the customers are others by the time they are locked: nothing is done then. */
  async #attempt<T>(
    tx: Tx,
    ctx: Context,
    { meeting, work }: { meeting: Meeting; work: (desk: OpenDesk) => Promise<T> },
  ): Promise<Done<T> | undefined> {
    const { programId, parties, pooled = false } = meeting;
    const asked = { programId, parties, pooled };
    const [, found] = await Promise.all([lookUpByIndex(tx), findParties(tx, asked)]);
    // Sent together, run one after the other: whoever regroups a customer holds its lock, and what programmes say comes after it.
    const [, again, programs, known] = await Promise.all([
      lockCustomers(tx, found.customerIds),
      findParties(tx, asked),
      this.settings.book.hold(tx),
      findKnown(tx, programId, found),
    ]);
    if (!isSame(found, again)) return undefined;
    const program = getProgram(programs, programId);
    const members = toMembers(found, { program, known, now: ctx.clock.now() });
    const desk = new OpenDesk({ tx, ctx, program, members, settings: this.settings });
    const value = await work(desk);
    await desk.publish();
    return { value };
  }

  /** Of this API key's: two tills that count from 1 don't meet. */
  #idOf(ctx: Context, { programId, idempotencyKey: key }: DecisionRequest): string {
    checkIdempotencyKey(key);
    if (key == null) return ctx.ids.uuid();
    return deriveUuid(this.settings.idSecret, 'loyalty decision', programId, ctx.viewer.keyId, key);
  }
}

interface Done<T> {
  readonly value: T;
}

/** What has to be known of customers to tell whether they are members. */
interface Known {
  readonly memberships: readonly MembershipOfCustomer[];
  /** Customers who carry an identifier that names a person. */
  readonly identified: readonly string[];
}

async function findKnown(tx: Tx, programId: string, { named }: Parties): Promise<Known> {
  const ids = [...new Set(named.map(({ customerId }) => customerId))];
  if (ids.length === 0) return { memberships: [], identified: [] };
  const [memberships, identified] = await Promise.all([findMembershipsOf(tx, programId, ids), findIdentified(tx, ids)]);
  return { memberships, identified };
}

function toMembers(
  { named, mates }: Parties,
  { program, known, now }: { program: Program; known: Known; now: Date },
): Member[] {
  const byCustomer = groupBy(known.memberships, ({ customerId }) => customerId);
  const identified = new Set(known.identified);
  const automatic = versionAt(program, now)?.definition.enrolment === 'AUTOMATIC';
  return named.map((party) => {
    const all = mates.get(party.customerId) ?? [];
    const member = toMember(party, byCustomer.get(party.customerId) ?? [], {
      mates: all.includes(party.customerId) ? all : [party.customerId],
      automatic: automatic && identified.has(party.customerId),
    });
    if (!member.isMember && !party.anybody) throw notAMember(party.field, program.id);
    return member;
  });
}

interface ProgramQuestion {
  readonly programId?: string | null;
  readonly member?: GivenMember | null;
}

/** Why, where it has to be said. */
export function checkReason(reason: string | null | undefined): string {
  const tidy = reason?.trim() ?? '';
  if (tidy.length >= 1 && tidy.length <= 500) return tidy;
  throw badInput(`Expected a reason of 1 to 500 characters, got ${tidy.length}.`, 'input.reason');
}

export function checkOptionalReason(reason: string | null | undefined): string | null {
  return reason == null || reason.trim() === '' ? null : checkReason(reason);
}

export function checkPoints(points: bigint, field = 'input.points'): bigint {
  if (points > 0n) return points;
  throw badInput(`Expected at least 1 point, got ${points}.`, field);
}

export function checkOccurredAt(occurredAt: Date | null | undefined, now: Date): Date | null {
  if (occurredAt == null) return null;
  if (occurredAt > now) {
    throw badInput(`It can't have taken place in the future: ${occurredAt.toISOString()}.`, 'input.occurredAt');
  }
  if (now.getTime() - occurredAt.getTime() <= mostDaysBack * oneDay) return occurredAt;
  throw badInput(`At most ${mostDaysBack} days back; ${occurredAt.toISOString()} is longer ago.`, 'input.occurredAt');
}

function getProgram(programs: readonly Program[], id: string): Program {
  const program = programs.find((one) => one.id === id);
  if (!program) throw notFound('loyalty programme', toPublicId('prg', id));
  return program;
}

async function programOfMembership(db: Database, id: string | null | undefined): Promise<string | undefined> {
  if (id == null) return undefined;
  const [owner] = await findOwnersOfMemberships(db, [id]);
  if (!owner) throw notFound('membership', toPublicId('mem', id));
  return owner.programId;
}

async function findRepeat(
  db: Database,
  { id, fingerprint }: { id: string; fingerprint: string },
): Promise<Decision | undefined> {
  const [decision] = await findDecisions(db, [id]);
  if (decision && decision.fingerprint !== fingerprint) throw idempotencyConflict();
  return decision;
}

function toMember(
  { field, recordId: namedRecordId, customerId }: Party,
  memberships: readonly MembershipOfCustomer[],
  { mates, automatic }: { mates: readonly string[]; automatic: boolean },
): Member {
  const active = memberships.find(({ status }) => status === 'ACTIVE');
  return {
    ...{ field, namedRecordId, customerId, memberships, mates },
    recordId: active?.recordId ?? customerId,
    membershipId: active?.id ?? null,
    // Who left an automatic programme is out of it.
    isMember: active !== undefined || (automatic && memberships.length === 0),
  };
}

/** As JSON can say it. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}
