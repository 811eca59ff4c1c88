import { randomBytes } from 'node:crypto';
import { audit } from '../../access/audit.service.ts';
import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { badInput, DomainError } from '../../kernel/errors.ts';
import {
  type BiSight,
  createRole,
  findRole,
  forbidLogIn,
  grantViews,
  isMoreThanReader,
  letLogIn,
  resetDefaults,
  revokeViews,
  setDefaults,
} from './bi-roles.queries.ts';
import { scramVerifier } from './scram.ts';

export interface BiGrant {
  readonly role: string;
  /** Lets the role log in; null: it stays as it is, a new one is a group for others to be in. */
  readonly password: string | null;
  /** Left out: customers by id, without personal values. */
  readonly sight?: BiSight;
  /** Seconds that a statement may take. */
  readonly seconds: number;
}

export interface BiGranted {
  readonly created: boolean;
  readonly login: boolean;
  readonly views: readonly string[];
}

/**
 * Lets a role read the views of the schema `bi`, and nothing else. Exactly these: what it was granted before, such as personal
 * values, and is not asked for now, is taken away.
 */
export async function grantBi(
  ctx: Context,
  { role, password, sight = 'CUSTOMERS', seconds }: BiGrant,
): Promise<BiGranted> {
  requireScope(ctx, 'admin');
  checkRole(role);
  const verifier = password === null ? null : scramVerifier(checkPassword(password), randomBytes(16));
  return (await ctx.pool.begin(async (tx) => {
    const before = await findRole(tx, role);
    if (before && (before.superuser || (await isMoreThanReader(tx, role)))) throw notReader(role);
    if (!before) await createRole(tx, role);
    if (verifier) await letLogIn(tx, role, verifier);
    await revokeViews(tx, role);
    const views = await grantViews(tx, role, sight);
    await setDefaults(tx, role, { seconds });
    await audit(tx, ctx, { action: 'kpis.bi_granted', subject: role, detail: { sight, login: verifier !== null } });
    return { created: !before, login: verifier !== null || (before?.login ?? false), views };
  })) as BiGranted;
}

/** The role can read nothing any more, and not log in. It stays, as it may be used in other databases of the cluster. */
export async function revokeBi(ctx: Context, role: string): Promise<void> {
  requireScope(ctx, 'admin');
  checkRole(role);
  await ctx.pool.begin(async (tx) => {
    const before = await findRole(tx, role);
    if (!before) throw new DomainError('NOT_FOUND', `There is no role "${role}".`);
    if (before.superuser || (await isMoreThanReader(tx, role))) throw notReader(role);
    await revokeViews(tx, role);
    await resetDefaults(tx, role);
    await forbidLogIn(tx, role);
    await audit(tx, ctx, { action: 'kpis.bi_revoked', subject: role });
  });
}

function checkRole(role: string): void {
  // Lower case: PostgreSQL folds unquoted names, and people would look for another one.
  if (/^[a-z_][a-z0-9_]{0,62}$/.test(role) && !role.startsWith('pg_')) return;
  throw badInput(
    'A role has 1 to 63 lower case letters, digits and underscores, and does not begin with a digit or pg_.',
    'role',
  );
}

function checkPassword(password: string): string {
  if (/^[\x21-\x7e]{8,200}$/.test(password)) return password;
  throw badInput('Expected a password of 8 to 200 printable ASCII characters without blanks.', 'password');
}

function notReader(role: string): DomainError {
  return badInput(
    `The role "${role}" may do more than read. Take another one: it would lose rights, or keep too many.`,
    'role',
  );
}
