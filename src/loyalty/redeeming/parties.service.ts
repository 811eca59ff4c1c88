import type { GivenIdentifier } from '../../identity/customer.service.ts';
import { identifierId, normaliseIdentifier } from '../../identity/normalise.ts';
import type { Database } from '../../kernel/database.ts';
import { badInput, DomainError, notFound } from '../../kernel/errors.ts';
import { toPublicId } from '../../kernel/ids.ts';
import {
  findOwnersOfIdentifiers,
  findOwnersOfMemberships,
  findOwnersOfRecords,
  findPoolMates,
  type Owner,
} from './parties.queries.ts';

/** A member as a caller names them: exactly one of these. UUIDs. */
export interface GivenMember {
  readonly membershipId?: string | null;
  /** Any id that the customer ever had. */
  readonly customerId?: string | null;
  readonly identifier?: GivenIdentifier | null;
}

/** The same, ready to be looked up. */
export interface NamedParty {
  /** Where it was named, such as `input.member`. */
  readonly field: string;
  readonly by: 'MEMBERSHIP' | 'RECORD' | 'IDENTIFIER';
  /** Null: what can't be an identifier of its kind. Nobody carries it. */
  readonly id: string | null;
  /** Whoever it is, member of the programme or not. */
  readonly anybody?: boolean;
  /** Left out where nobody is. */
  readonly optional?: boolean;
}

export interface Party {
  readonly field: string;
  readonly anybody: boolean;
  /** By which they were named. */
  readonly recordId: string;
  readonly customerId: string;
}

export interface Parties {
  /** In the order in which they were named. */
  readonly named: readonly Party[];
  /** Who shares a pool with whom: by customer. */
  readonly mates: ReadonlyMap<string, readonly string[]>;
  /** All of them, sorted: whose rows are to be locked. */
  readonly customerIds: readonly string[];
}

export interface IdentifierSettings {
  readonly idSecret: string;
  readonly defaultRegion: string;
}

export function readMember(given: GivenMember, field: string, settings: IdentifierSettings): NamedParty {
  const { membershipId, customerId, identifier } = given;
  if ([membershipId, customerId, identifier].filter((one) => one != null).length !== 1) {
    throw badInput('Expected exactly one of membershipId, customerId and identifier.', field);
  }
  if (membershipId != null) return { field, by: 'MEMBERSHIP', id: membershipId };
  if (customerId != null) return { field, by: 'RECORD', id: customerId };
  const normalised = normaliseIdentifier(identifier!.kind, identifier!.value, settings);
  const id = normalised.ok ? identifierId(settings.idSecret, normalised.kind, normalised.value) : null;
  return { field, by: 'IDENTIFIER', id };
}

/** Throws `NOT_FOUND` for the first one that nobody is. */
export async function findParties(
  db: Database,
  { programId, parties, pooled }: { programId: string; parties: readonly NamedParty[]; pooled: boolean },
): Promise<Parties> {
  const owners = await findOwners(db, parties);
  const named = parties.flatMap((party): Party[] => {
    const owner = party.id === null ? undefined : owners.get(`${party.by} ${party.id}`);
    if (!owner && !party.optional) throw unknownParty(party);
    const { field, anybody = false } = party;
    return owner ? [{ field, anybody, recordId: owner.recordId, customerId: owner.customerId }] : [];
  });
  const ids = [...new Set(named.map(({ customerId }) => customerId))].sort();
  const found = pooled && ids.length > 0 ? await findPoolMates(db, programId, ids) : [];
  const mates = new Map<string, string[]>();
  for (const { customerId, mateId } of found) {
    const others = mates.get(customerId) ?? [];
    if (!others.includes(mateId)) mates.set(customerId, [...others, mateId]);
  }
  const customerIds = [...new Set([...ids, ...found.map(({ mateId }) => mateId)])].sort();
  return { named, mates, customerIds };
}

async function findOwners(db: Database, parties: readonly NamedParty[]): Promise<Map<string, Owner>> {
  const find = {
    MEMBERSHIP: findOwnersOfMemberships,
    RECORD: findOwnersOfRecords,
    IDENTIFIER: findOwnersOfIdentifiers,
  };
  const found = await Promise.all(
    (['MEMBERSHIP', 'RECORD', 'IDENTIFIER'] as const).map(async (by) => {
      const ids = parties.flatMap((party) => (party.by === by && party.id !== null ? [party.id] : []));
      const owners: Owner[] = ids.length > 0 ? await find[by](db, ids) : [];
      return owners.map((owner) => [`${by} ${owner.id}`, owner] as const);
    }),
  );
  return new Map(found.flat());
}

export function isSame(a: Parties, b: Parties): boolean {
  return JSON.stringify([a.named, [...a.mates]]) === JSON.stringify([b.named, [...b.mates]]);
}

function unknownParty({ field, by, id }: NamedParty): DomainError {
  if (by === 'IDENTIFIER') return new DomainError('NOT_FOUND', 'Nobody carries this identifier.', { field });
  const [what, prefix] = by === 'MEMBERSHIP' ? (['membership', 'mem'] as const) : (['customer', 'cus'] as const);
  const { code, message } = notFound(what, toPublicId(prefix, id!));
  return new DomainError(code, message, { field });
}
