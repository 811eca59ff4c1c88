import { audit } from '../../access/audit.service.ts';
import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { badInput, DomainError } from '../../kernel/errors.ts';
import { fingerprintUuid, toPublicId } from '../../kernel/ids.ts';
import { type Bonus, bonusId, giveBonuses } from '../redeeming/bonus.service.ts';
import { giftAt } from '../redeeming/bonus-rule.ts';
import { checkOptionalReason, type DecisionDesk } from '../redeeming/decide.service.ts';
import type { Member, OpenDesk } from '../redeeming/open-desk.service.ts';
import type { GivenMember, NamedParty } from '../redeeming/parties.service.ts';
import { refused } from '../redeeming/refusals.ts';
import { phaseAt, termsAt } from '../terms.ts';
import {
  type EnrolmentWay,
  endMemberships,
  findMembershipsByIds,
  type Membership,
  upsertMemberships,
} from './enrolment.queries.ts';
import { deletePoolMembers } from './pool.queries.ts';

export interface EnrollMember {
  readonly programId?: string | null;
  readonly member: GivenMember;
  /** EXPLICIT, if left out. */
  readonly how?: EnrolmentWay | null;
  /** Now, if left out; never in the future. Purchases count from then on. */
  readonly enrolledAt?: Date | null;
  readonly reason?: string | null;
}

export interface Enrolled {
  readonly membership: Membership;
  readonly customerId: string;
  /** They were a member before, by this or by another record. */
  readonly alreadyMember: boolean;
}

export interface ImportMemberships {
  readonly programId?: string | null;
  readonly memberships: readonly { readonly member: GivenMember; readonly enrolledAt?: Date | null }[];
  readonly reason?: string | null;
}

export const importOutcomes = ['ENROLLED', 'ALREADY_MEMBER', 'UNKNOWN'] as const;
export interface ImportedMembership {
  /** Where it was named, such as `input.memberships[3]`. */
  readonly field: string;
  readonly outcome: (typeof importOutcomes)[number];
  readonly membershipId: string | null;
}

export interface LeaveProgram {
  readonly programId?: string | null;
  readonly member: GivenMember;
  readonly reason?: string | null;
}

const mostImported = 1_000;

/** Takes customers into programmes and lets them out. Both can be repeated at will. */
export class EnrolmentService {
  readonly #desk: DecisionDesk;

  constructor(desk: DecisionDesk) {
    this.#desk = desk;
  }

  /** The record carries the membership by which the customer was named. */
  async enrollMember(ctx: Context, input: EnrollMember): Promise<Enrolled> {
    requireScope(ctx, 'loyalty:operate');
    const reason = checkOptionalReason(input.reason);
    const enrolledAt = checkEnrolledAt(input.enrolledAt, { now: ctx.clock.now(), field: 'input.enrolledAt' });
    const { id: programId } = await this.#desk.programOf(ctx, input);
    const parties = [{ ...this.#desk.readMember(input.member), anybody: true }];
    const how = input.how ?? 'EXPLICIT';
    return this.#desk.open(ctx, { programId, parties }, async (desk) => {
      const member = desk.members[0]!;
      const isNew = await enrol(desk, [{ member, enrolledAt, how }]);
      if (isNew.size > 0) await log(desk, { action: 'loyalty.member_enrolled', members: [member], reason });
      const [membership] = await findMembershipsByIds(desk.tx, [carriedBy(desk, member)]);
      return { membership: membership!, customerId: member.customerId, alreadyMember: isNew.size === 0 };
    });
  }

  /** Up to a thousand at once, in as many statements as one. Who is not known is left out, and said so. */
  async importMemberships(ctx: Context, input: ImportMemberships): Promise<ImportedMembership[]> {
    requireScope(ctx, 'loyalty:manage');
    const reason = checkOptionalReason(input.reason);
    const given = this.#readImport(ctx, input);
    const { id: programId } = await this.#desk.programOf(ctx, input);
    const parties = given.map(({ party }) => party);
    return this.#desk.open(ctx, { programId, parties }, async (desk) => {
      const byField = new Map(desk.members.map((member) => [member.field, member]));
      const wanted = given.flatMap(({ party, enrolledAt }): Wanted[] => {
        const member = byField.get(party.field);
        return member ? [{ member, enrolledAt, how: 'IMPORT' }] : [];
      });
      const isNew = await enrol(desk, wanted);
      const members = desk.members.filter(({ field }) => isNew.has(field));
      if (members.length > 0) await log(desk, { action: 'loyalty.members_imported', members, reason });
      return parties.map(({ field }): ImportedMembership => {
        const member = byField.get(field);
        if (!member) return { field, outcome: 'UNKNOWN', membershipId: null };
        const outcome = isNew.has(field) ? 'ENROLLED' : 'ALREADY_MEMBER';
        return { field, outcome, membershipId: carriedBy(desk, member) };
      });
    });
  }

  /** By all records of the customer. What they have stays in the ledger and can't be spent, unless they come back. */
  async leaveProgram(ctx: Context, input: LeaveProgram): Promise<Enrolled> {
    requireScope(ctx, 'loyalty:operate');
    const reason = checkOptionalReason(input.reason);
    const { id: programId } = await this.#desk.programOf(ctx, input);
    const parties = [{ ...this.#desk.readMember(input.member), anybody: true }];
    return this.#desk.open(ctx, { programId, parties }, async (desk) => {
      const member = desk.members[0]!;
      const { customerId, isMember } = member;
      const id = member.membershipId ?? member.memberships[0]?.id ?? (isMember ? carriedBy(desk, member) : null);
      if (id === null) throw new DomainError('NOT_FOUND', 'The customer has no membership to end.');
      if (isMember) await leave(desk, member, reason);
      const [membership] = await findMembershipsByIds(desk.tx, [id]);
      return { membership: membership!, customerId, alreadyMember: isMember };
    });
  }

  #readImport(ctx: Context, { memberships }: ImportMemberships): { party: NamedParty; enrolledAt: Date }[] {
    if (memberships.length < 1 || memberships.length > mostImported) {
      throw badInput(`Expected 1 to ${mostImported} memberships, got ${memberships.length}.`, 'input.memberships');
    }
    return memberships.map(({ member, enrolledAt }, index) => {
      const field = `input.memberships[${index}]`;
      const party = { ...this.#desk.readMember(member, field), anybody: true, optional: true };
      return { party, enrolledAt: checkEnrolledAt(enrolledAt, { now: ctx.clock.now(), field: `${field}.enrolledAt` }) };
    });
  }
}

interface Wanted {
  readonly member: Member;
  readonly enrolledAt: Date;
  readonly how: EnrolmentWay;
}

export function membershipIdOf(programId: string, recordId: string): string {
  return fingerprintUuid(['membership', programId, recordId].join('\n'));
}

/** The one that somebody gave them already, or that of the record by which they are named. */
function carriedBy({ program }: OpenDesk, member: Member): string {
  return standingOf(member)?.id ?? membershipIdOf(program.id, member.namedRecordId);
}

/** By somebody's word: not only because a record has earned something. */
function standingOf({ memberships }: Member) {
  return memberships.find(({ status, how }) => status === 'ACTIVE' && how !== 'AUTOMATIC');
}

/** Answers the fields of those who were no members by anybody's word until now. */
async function enrol(desk: OpenDesk, wanted: readonly Wanted[]): Promise<ReadonlySet<string>> {
  checkTakesMembers(desk);
  const seen = new Set<string>();
  const joining = wanted.filter(({ member, how }) => {
    const isIn = standingOf(member) !== undefined || (how === 'AUTOMATIC' && member.membershipId !== null);
    if (isIn || seen.has(member.customerId)) return false;
    seen.add(member.customerId);
    return true;
  });
  if (joining.length === 0) return new Set();
  const { id: programId } = desk.program;
  const memberships = joining.map(({ member: { namedRecordId: recordId }, enrolledAt, how }) => {
    return { id: membershipIdOf(programId, recordId), recordId, programId, enrolledAt, how };
  });
  await upsertMemberships(desk.tx, memberships, desk.ctx.viewer.name);
  await desk.recount([...seen].sort(), 'MEMBERSHIP');
  for (const { member } of joining) desk.tell(member.customerId, 'ENROLLED');
  await welcome(
    desk,
    joining.filter(({ how }) => how !== 'IMPORT'),
  );
  return new Set(joining.map(({ member }) => member.field));
}

/** Once for each membership: who comes back is not welcomed again. Whoever is imported was welcomed elsewhere. */
async function welcome(desk: OpenDesk, joining: readonly Wanted[]): Promise<void> {
  const terms = termsAt(desk.program, desk.now);
  const gift = terms && giftAt(terms, 'loyalty.enrolled', desk.now);
  if (!gift) return;
  const bonuses = joining.map(({ member: { namedRecordId: recordId, customerId } }): Bonus => {
    const id = bonusId('welcome', membershipIdOf(desk.program.id, recordId));
    return { id, kind: 'WELCOME', recordId, customerId, gift };
  });
  await giveBonuses(desk, bonuses);
}

async function leave(desk: OpenDesk, member: Member, reason: string | null): Promise<void> {
  const { customerId, memberships, namedRecordId } = member;
  const { tx, now, program } = desk;
  // Of an automatic programme: that they left has to be written somewhere.
  if (memberships.length === 0) {
    const { id: programId } = program;
    const id = membershipIdOf(programId, namedRecordId);
    const none = { id, recordId: namedRecordId, programId, how: 'AUTOMATIC', enrolledAt: now } as const;
    await upsertMemberships(tx, [none], desk.ctx.viewer.name);
  }
  const recordIds = [namedRecordId, ...memberships.map(({ recordId }) => recordId)];
  await endMemberships(tx, { programId: program.id, recordIds, at: now, actor: desk.ctx.viewer.name });
  await deletePoolMembers(tx, program.id, [customerId]);
  await desk.recount([customerId], 'MEMBERSHIP');
  desk.tell(customerId, 'LEFT');
  await log(desk, { action: 'loyalty.member_left', members: [member], reason });
}

function checkTakesMembers({ program, now }: OpenDesk): void {
  const phase = phaseAt(program, now);
  if (phase !== 'SUNSET' && phase !== 'CLOSED') return;
  const message = `The programme ${JSON.stringify(program.name)} is in the phase ${phase}: it takes no new members.`;
  throw refused('PROGRAM_NOT_OPEN', message, { phase });
}

function checkEnrolledAt(given: Date | null | undefined, { now, field }: { now: Date; field: string }): Date {
  const at = given ?? now;
  if (at <= now) return at;
  throw badInput(`Nobody can have joined in the future: ${at.toISOString()}.`, field);
}

async function log(
  desk: OpenDesk,
  { action, members, reason }: { action: string; members: readonly Member[]; reason: string | null },
): Promise<void> {
  const [first] = members;
  const detail = { program: toPublicId('prg', desk.program.id), members: members.length };
  await audit(desk.tx, desk.ctx, { action, subject: toPublicId('mem', carriedBy(desk, first!)), reason, detail });
}
