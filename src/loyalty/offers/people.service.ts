import type { GivenIdentifier } from '../../identity/customer.service.ts';
import { identifierId, normaliseIdentifier } from '../../identity/normalise.ts';
import type { Database } from '../../kernel/database.ts';
import { badInput, notFound } from '../../kernel/errors.ts';
import { toPublicId } from '../../kernel/ids.ts';
import type { NamedPerson } from './knowledge.queries.ts';
import { type Found, findPersonByIdentifier, findPersonOfRecord } from './person.queries.ts';

/** Whom a till means. Neither: it knows nobody. */
export interface GivenPerson {
  /** UUID: any id that the customer ever had. */
  readonly customerId?: string | null;
  readonly identifier?: GivenIdentifier | null;
}

/** Finds whom a till has in front of it. */
export class People {
  readonly #settings: { readonly idSecret: string; readonly defaultRegion: string };

  constructor(settings: { readonly idSecret: string; readonly defaultRegion: string }) {
    this.#settings = settings;
  }

  /** Null for an identifier that nobody carries: a new card, say. Throws `NOT_FOUND` for an id that is nobody's. */
  async find(db: Database, given: GivenPerson): Promise<Found | null> {
    const { recordId, identifierId } = this.name(given);
    if (recordId !== null) return orNotFound(given, (await findPersonOfRecord(db, recordId)) ?? null);
    return identifierId === null ? null : ((await findPersonByIdentifier(db, identifierId)) ?? null);
  }

  /** What to look for. */
  name({ customerId, identifier }: GivenPerson): NamedPerson {
    if (customerId != null && identifier != null) {
      throw badInput('Give `customerId` or `identifier`, not both.', 'input.identifier');
    }
    return {
      recordId: customerId ?? null,
      identifierId: identifier == null ? null : this.#identifierId(identifier),
    };
  }

  #identifierId({ kind, value }: GivenIdentifier): string | null {
    const normalised = normaliseIdentifier(kind, value, this.#settings);
    return normalised.ok ? identifierId(this.#settings.idSecret, normalised.kind, normalised.value) : null;
  }
}

/** Throws `NOT_FOUND` for an id that is nobody's; an identifier may be. */
export function orNotFound({ customerId }: GivenPerson, found: Found | null): Found | null {
  if (customerId != null && !found) throw notFound('customer', toPublicId('cus', customerId));
  return found;
}
