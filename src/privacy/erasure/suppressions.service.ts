import { audit } from '../../access/audit.service.ts';
import { requireScope } from '../../access/scopes.ts';
import { identifierId, normaliseIdentifier } from '../../identity/normalise.ts';
import type { Context } from '../../kernel/context.ts';
import { badInput } from '../../kernel/errors.ts';
import { deriveUuid, toPublicId } from '../../kernel/ids.ts';
import { checkErasureReason } from './erasure-input.ts';
import {
  countSuppressions,
  findSuppression,
  liftSuppressions,
  type Suppression,
  type SuppressionCounts,
} from './suppressions.queries.ts';

/** What may be suppressed: exactly one of these. */
export interface SuppressedThing {
  readonly identifier?: { readonly kind: string; readonly value: string } | null;
  readonly record?: { readonly source: string; readonly key: string } | null;
}

export interface LiftSuppression extends SuppressedThing {
  /** UUID: everything that this erasure suppressed. */
  readonly requestId?: string | null;
  readonly reason: string;
}

export interface SuppressionSettings {
  readonly idSecret: string;
  readonly defaultRegion: string;
}

/** What must not come back after erasures, and what may again. */
export class SuppressionService {
  readonly #settings: SuppressionSettings;

  constructor(settings: SuppressionSettings) {
    this.#settings = settings;
  }

  async count(ctx: Context): Promise<SuppressionCounts> {
    requireScope(ctx, 'privacy:manage');
    return countSuppressions(ctx.pool);
  }

  /** Also one that was lifted. The value is hashed and compared; it is not stored. */
  async find(ctx: Context, thing: SuppressedThing): Promise<Suppression | null> {
    requireScope(ctx, 'privacy:manage');
    const [id, ...others] = this.#idsOf(thing, '');
    if (id === undefined || others.length > 0) throw badInput('Give `identifier` or `record`, exactly one of them.');
    return (await findSuppression(ctx.pool, id)) ?? null;
  }

  /** From now on messages are taken again. What was erased stays so. Lifting it again changes nothing; answers how many. */
  async lift(ctx: Context, input: LiftSuppression): Promise<number> {
    requireScope(ctx, 'privacy:manage');
    const reason = checkErasureReason(input.reason);
    const ids = this.#idsOf(input, 'input.');
    const { requestId } = input;
    if (ids.length + (requestId == null ? 0 : 1) !== 1) {
      throw badInput('Give `identifier`, `record` or `requestId`, exactly one of them.', 'input');
    }
    return ctx.pool.begin(async (tx) => {
      const lifted = await liftSuppressions(
        tx,
        { ids, requestId },
        { by: ctx.viewer.name, reason, at: ctx.clock.now() },
      );
      if (lifted.length > 0) {
        const subject = requestId == null ? toPublicId('sup', lifted[0]!) : toPublicId('dsr', requestId);
        await audit(tx, ctx, {
          action: 'privacy.suppression_lifted',
          subject,
          reason,
          detail: { lifted: lifted.length },
        });
      }
      return lifted.length;
    });
  }

  #idsOf({ identifier, record }: SuppressedThing, path: string): string[] {
    const { idSecret } = this.#settings;
    const ids: string[] = [];
    if (record != null) ids.push(deriveUuid(idSecret, 'record', record.source, record.key));
    if (identifier != null) {
      const normalised = normaliseIdentifier(identifier.kind, identifier.value, this.#settings);
      if (!normalised.ok) throw badInput(`Expected ${normalised.expected}.`, `${path}identifier.value`);
      ids.push(identifierId(idSecret, identifier.kind, normalised.value));
    }
    return ids;
  }
}
