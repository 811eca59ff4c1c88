import { audit } from '../../access/audit.service.ts';
import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { badInput } from '../../kernel/errors.ts';
import { readNamePage, toNamePage } from '../../kernel/name-paging.ts';
import type { Page, PageArguments } from '../../kernel/paging.ts';
import { type Channel, channels } from '../../touchpoints/touchpoint.ts';
import { readText } from '../readable-text.ts';
import { findPurposes, listPurposes, type PurposeRow, upsertPurpose } from './consent-purposes.queries.ts';
import { readName } from './consent-request.ts';

export interface DefinePurpose {
  readonly name: string;
  readonly label: string;
  readonly description?: string | null;
  readonly channels?: readonly Channel[] | null;
  readonly offered?: boolean | null;
}

/** By name. `reviewed`: only those that somebody has looked at, or only the others. */
export async function pageOfPurposes<N>(
  ctx: Context,
  { reviewed, ...args }: { readonly reviewed?: boolean | null } & Pick<PageArguments, 'first' | 'after'>,
  node: (row: PurposeRow) => N,
): Promise<Page<N>> {
  requireScope(ctx, 'customers:read');
  const request = readNamePage('consentPurposes', args);
  return toNamePage(request, await listPurposes(ctx.pool, { ...request, reviewed: reviewed ?? null }), node);
}

/** Says what a purpose is, whether or not touchpoints have brought it in. All of it: what is left out is as by default. */
export async function definePurpose(ctx: Context, input: DefinePurpose): Promise<PurposeRow> {
  requireScope(ctx, 'consent:manage');
  const name = readName(input.name, 'input.name');
  const purpose = {
    name,
    label: readText(input.label, 'input.label', 1),
    description: readText(input.description ?? '', 'input.description', 0),
    channels: readChannels(input.channels ?? []),
    offered: input.offered ?? true,
  };
  return ctx.pool.begin(async (tx) => {
    await upsertPurpose(tx, purpose, ctx.clock.now());
    const { channels: over, offered } = purpose;
    const detail = { channels: [...over], offered };
    await audit(tx, ctx, { action: 'consent.purpose_defined', subject: name, detail });
    const [row] = await findPurposes(tx, [name]);
    return row!;
  });
}

function readChannels(given: readonly Channel[]): string[] {
  const unknown = given.find((channel) => !channels.includes(channel));
  if (unknown === undefined) return [...new Set(given)].sort();
  throw badInput(`Expected ${channels.join(', ')}; got ${JSON.stringify(unknown)}.`, 'input.channels');
}
