import type { Platform } from '../kernel/context.ts';
import type { Tx } from '../kernel/database.ts';
import { toPublicId } from '../kernel/ids.ts';
import { StartupError } from '../kernel/startup-error.ts';
import { type ApiKeyText, formatApiKey, isSecretOf, parseApiKey } from './api-key.ts';
import { findActiveOwnerKeys, findApiKeys, insertApiKey, lockOwnerKey, revokeApiKeys } from './api-keys.queries.ts';
import type { ApiKeyRow } from './api-keys.table.ts';
import { audit, auditAll } from './audit.service.ts';
import { newApiKey, toApiKeyRow } from './new-api-key.ts';
import { operatorContext } from './operator.ts';
import { readOwnerKeyFile, removeOwnerKeyFile, writeOwnerKeyFile } from './owner-key-file.ts';

export interface OwnerKeyOptions {
  /** `RUNDUM_OWNER_KEY`: this key is to be the owner key, whatever was it before. */
  readonly preset?: string | undefined;
  /** Where a key that we make up is kept, such as `.data/owner-key`. */
  readonly file: string;
}

export interface OwnerKey {
  /** UUID. */
  readonly id: string;
  /** The whole key, for whoever starts the server to see. `undefined`: another machine made it and keeps its file. */
  readonly text: string | undefined;
  /** It is new with this start: show it. */
  readonly made: boolean;
}

/**
 * Sees to it that there is one owner key, the key with every right with which all others are made. Nodes that start
 * together agree on one. Throws {@link StartupError} for a preset that can't be used.
 */
export async function ensureOwnerKey(platform: Platform, { preset, file }: OwnerKeyOptions): Promise<OwnerKey> {
  const wanted = preset === undefined ? undefined : readPreset(preset);
  const owner = await platform.pool.begin(async (tx) => {
    await lockOwnerKey(tx);
    const owners = await findActiveOwnerKeys(tx);
    if (wanted) return adoptPreset(platform, tx, { wanted, owners });
    return owners.length > 0 ? keepOwner(owners, file) : makeOwner(platform, tx, file);
  });
  if (wanted) await forgetReplacedFile(file, wanted);
  return owner;
}

function readPreset(preset: string): ApiKeyText {
  const key = parseApiKey(preset.trim());
  if (key) return key;
  throw new StartupError(
    'RUNDUM_OWNER_KEY is not a whole API key; `rundum keys generate` prints one that can be used.',
  );
}

interface Presetting {
  readonly wanted: ApiKeyText;
  readonly owners: readonly ApiKeyRow[];
}

/** The preset becomes the owner key and those before it are revoked: changing the setting is how it is rotated. */
async function adoptPreset(platform: Platform, tx: Tx, { wanted, owners }: Presetting): Promise<OwnerKey> {
  const owner = { id: wanted.id, text: formatApiKey(wanted) };
  const [known] = await findApiKeys(tx, [wanted.id]);
  if (known) refuseUnlessOwner(known, wanted);
  const replaced = owners.map((row) => row.id).filter((id) => id !== wanted.id);
  await replaceOwners(platform, tx, replaced);
  if (known) return { ...owner, made: false };
  await enterOwner(platform, tx, wanted);
  platform.log.info({ keyId: wanted.id, replaced }, 'owner key taken from RUNDUM_OWNER_KEY');
  return { ...owner, made: true };
}

function refuseUnlessOwner(known: ApiKeyRow, wanted: ApiKeyText): void {
  const id = toPublicId('key', known.id);
  if (!known.owner || !isSecretOf(known.secretHash, wanted.secret)) {
    throw new StartupError(
      `RUNDUM_OWNER_KEY has the id of another API key, ${id}; \`rundum keys generate\` prints a new one.`,
    );
  }
  if (known.revokedAt !== null) {
    // Whoever revoked it may have done so because it leaked: a restart must not bring it back.
    throw new StartupError(
      `RUNDUM_OWNER_KEY (${id}) was revoked at ${known.revokedAt.toISOString()}; \`rundum keys generate\` prints a new one.`,
    );
  }
}

async function keepOwner(owners: readonly ApiKeyRow[], file: string): Promise<OwnerKey> {
  const text = await readOwnerKeyFile(file);
  const key = text === undefined ? undefined : parseApiKey(text);
  const mine = key && owners.find((row) => row.id === key.id && isSecretOf(row.secretHash, key.secret));
  const [first] = owners as [ApiKeyRow];
  return mine ? { id: mine.id, text, made: false } : { id: first.id, text: undefined, made: false };
}

/**
 * The file is written before the commit: a crash between the two leaves a file with a key that never was, which the
 * next start replaces. The other way round it would leave an owner key that nobody knows.
 */
async function makeOwner(platform: Platform, tx: Tx, file: string): Promise<OwnerKey> {
  const key = newApiKey(platform.ids);
  const text = formatApiKey(key);
  await enterOwner(platform, tx, key);
  await writeOwnerKeyFile(file, text);
  platform.log.info({ keyId: key.id, file }, 'owner key made');
  return { id: key.id, text, made: true };
}

async function replaceOwners(platform: Platform, tx: Tx, replaced: readonly string[]): Promise<void> {
  const revoked = await revokeApiKeys(tx, replaced, platform.clock.now());
  if (revoked.length === 0) return;
  const acts = revoked.map((id) => ({
    action: 'key.revoked',
    subject: toPublicId('key', id),
    detail: { owner: true },
  }));
  await auditAll(tx, operatorContext(platform), acts);
}

async function enterOwner(platform: Platform, tx: Tx, key: ApiKeyText): Promise<void> {
  const facts = { name: 'owner', scopes: ['admin'], expiresAt: null, owner: true } as const;
  await insertApiKey(tx, toApiKeyRow(key, facts, platform.clock.now()));
  const detail = { name: facts.name, scopes: [...facts.scopes], owner: true };
  await audit(tx, operatorContext(platform), { action: 'key.created', subject: toPublicId('key', key.id), detail });
}

/** A file that a preset has made worthless would only mislead. The preset itself stays where the operator keeps it. */
async function forgetReplacedFile(file: string, wanted: ApiKeyText): Promise<void> {
  const text = await readOwnerKeyFile(file);
  if (text !== undefined && text !== formatApiKey(wanted)) await removeOwnerKeyFile(file);
}
