import { audit } from '../../access/audit.service.ts';
import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { badInput, DomainError, notFound } from '../../kernel/errors.ts';
import { deriveUuid, fingerprintUuid, toPublicId } from '../../kernel/ids.ts';
import { canonicalJson, type Json } from '../../kernel/json.ts';
import { checkIdempotencyKey } from '../../kernel/request-input.ts';
import { readName } from '../consents/consent-request.ts';
import { readText } from '../readable-text.ts';
import { speakFor } from '../spoken-for.service.ts';
import { loadPreferences } from './preference.loader.ts';
import { foldPreferences } from './preference.ts';
import { type PreferenceKind, preferenceKinds } from './preference-definition.ts';
import { type DefinitionRow, findDefinitions, upsertDefinition } from './preference-definitions.queries.ts';
import { statePreferences } from './preference-desk.service.ts';
import { isShort, longestValue } from './preference-touchpoint.ts';
import { findPreferenceDecisions, findPreferencesOf, type OwnedPreference } from './preferences.queries.ts';

export interface SetPreference {
  /** UUID. Any id that the customer ever had. */
  readonly customerId: string;
  readonly name: string;
  /** Null: not any more. */
  readonly value: Json;
  /** False: the organisation has concluded it. True when left out. */
  readonly declared?: boolean | null;
  readonly source?: string | null;
  readonly idempotencyKey?: string | null;
}

export interface DefinePreference {
  readonly name: string;
  readonly label: string;
  readonly description?: string | null;
  readonly kind: PreferenceKind;
  readonly options?: readonly string[] | null;
}

/** What customers prefer. */
export class PreferenceService {
  readonly #idSecret: string;

  constructor(idSecret: string) {
    this.#idSecret = idSecret;
  }

  /**
   * Speaks for all records that the customer has now. A repeat under the same idempotency key says nothing a second time; with
   * another input it throws `IDEMPOTENCY_CONFLICT`. Answers the customer's UUID.
   */
  async setPreference(ctx: Context, input: SetPreference): Promise<string> {
    requireScope(ctx, 'consent:manage');
    const { customerId } = input;
    const said = readSetPreference(input);
    const key = checkIdempotencyKey(input.idempotencyKey);
    const id = key === null ? ctx.ids.uuid() : deriveUuid(this.#idSecret, 'preference', ctx.viewer.keyId, key);
    const fingerprint = fingerprintUuid(canonicalJson({ ...said, customerId }));
    const done = await speakFor(ctx, customerId, async (tx, customer) => {
      const [before] = key === null ? [] : await findPreferenceDecisions(tx, [id]);
      if (before && before.fingerprint !== fingerprint) throw otherInput();
      if (!before) {
        const known = await findPreferencesOf(tx, [customer.customerId]);
        const saying = { ...said, id, origin: 'DECISION', fingerprint } as const;
        await statePreferences(tx, ctx, { customer, sayings: [saying], known });
      }
      return customer.customerId;
    });
    if (done === undefined) throw notFound('customer', toPublicId('cus', customerId));
    return done;
  }
}

/** What counts, by name. */
export async function preferencesOf(ctx: Context, customerId: string): Promise<OwnedPreference[]> {
  requireScope(ctx, 'customers:read');
  return foldPreferences(await ctx.loaders.get(loadPreferences, ctx).load(customerId));
}

export async function listDefinitions(ctx: Context): Promise<DefinitionRow[]> {
  requireScope(ctx, 'customers:read');
  return findDefinitions(ctx.pool);
}

/** What customers are asked in the preference centre. All of it: what is left out is as by default. */
export async function definePreference(ctx: Context, input: DefinePreference): Promise<DefinitionRow> {
  requireScope(ctx, 'consent:manage');
  const definition = readDefinition(input);
  return ctx.pool.begin(async (tx) => {
    await upsertDefinition(tx, definition, ctx.clock.now());
    const { name, kind, options } = definition;
    await audit(tx, ctx, { action: 'preference.defined', subject: name, detail: { kind, options: [...options] } });
    return (await findDefinitions(tx)).find((row) => row.name === name)!;
  });
}

function readSetPreference({ name, value, declared, source }: SetPreference) {
  if (!isShort(value)) throw badInput(`Expected at most ${longestValue} characters of JSON.`, 'input.value');
  return {
    name: readName(name, 'input.name'),
    value,
    declared: declared ?? true,
    source: source == null ? 'api' : readName(source, 'input.source'),
  };
}

const mostOptions = 100;

function readDefinition({ name, label, description, kind, options }: DefinePreference) {
  if (!preferenceKinds.includes(kind)) throw badInput(`Expected ${preferenceKinds.join(', ')}.`, 'input.kind');
  const chosen = kind === 'ONE_OF' || kind === 'SOME_OF';
  const given = options ?? [];
  if (chosen === (given.length === 0)) throw badInput('ONE_OF and SOME_OF have options, others none.', 'input.options');
  if (given.length > mostOptions) throw badInput(`Expected at most ${mostOptions} options.`, 'input.options');
  const read = given.map((option, index) => readName(option, `input.options[${index}]`));
  return {
    name: readName(name, 'input.name'),
    label: readText(label, 'input.label', 1),
    description: readText(description ?? '', 'input.description', 0),
    kind,
    options: [...new Set(read)],
  };
}

function otherInput(): DomainError {
  return new DomainError('IDEMPOTENCY_CONFLICT', 'This idempotency key was used before with another input.', {
    field: 'input.idempotencyKey',
  });
}
