import { audit } from '../../access/audit.service.ts';
import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { badInput, notFound } from '../../kernel/errors.ts';
import { toPublicId } from '../../kernel/ids.ts';
import { readIds, signIds } from '../signed-token.ts';
import { speakFor } from '../spoken-for.service.ts';
import { findLink, insertLink, type LinkRow, revokeLink, revokeLinksOf } from './preference-links.queries.ts';

export interface CreateLink {
  /** UUID. Any id that the customer ever had. */
  readonly customerId: string;
  /** 90 days when left out. */
  readonly validDays?: number | null;
}

export interface CreatedLink {
  readonly token: string;
  readonly path: string;
  readonly expiresAt: Date;
}

const usualDays = 90;
const mostDays = 730;
const dayMs = 86_400_000;

/** Links to the preference centre: whoever has one sees and sets what the customer allows and prefers, and nothing else. */
export class PreferenceLinks {
  readonly #idSecret: string;

  constructor(idSecret: string) {
    this.#idSecret = idSecret;
  }

  async createLink(ctx: Context, { customerId, validDays }: CreateLink): Promise<CreatedLink> {
    requireScope(ctx, 'consent:manage');
    const days = validDays ?? usualDays;
    if (!Number.isInteger(days) || days < 1 || days > mostDays) {
      throw badInput(`Expected 1 to ${mostDays} days, got ${days}.`, 'input.validDays');
    }
    const now = ctx.clock.now();
    const link = { id: ctx.ids.uuid(), createdAt: now, expiresAt: new Date(now.getTime() + days * dayMs) };
    const made = await speakFor(ctx, customerId, async (tx, customer) => {
      await insertLink(tx, { ...link, customerId: customer.customerId, createdBy: ctx.viewer.name });
      const subject = toPublicId('cus', customer.customerId);
      await audit(tx, ctx, { action: 'preference_link.created', subject, detail: { validDays: days } });
      return true;
    });
    if (!made) throw notFound('customer', toPublicId('cus', customerId));
    const token = signIds(this.#idSecret, 'preference link', [link.id]);
    return { token, path: `/preferences/${token}`, expiresAt: link.expiresAt };
  }

  /** One link by its token, or all of a customer. Answers how many were open. */
  async revokeLinks(
    ctx: Context,
    { token, customerId }: { token?: string | null; customerId?: string | null },
  ): Promise<number> {
    requireScope(ctx, 'consent:manage');
    if ((token == null) === (customerId == null))
      throw badInput('Give `token` or `customerId`, exactly one of them.', 'input');
    return token == null ? this.#revokeAll(ctx, customerId!) : this.#revokeOne(ctx, token);
  }

  /** The link that a token opens at this instant; `undefined` where it opens nothing, whatever the reason. */
  async openLink(ctx: Pick<Context, 'pool' | 'clock'>, token: string): Promise<LinkRow | undefined> {
    const [id] = readIds(this.#idSecret, 'preference link', token, 1) ?? [];
    const link = id === undefined ? undefined : await findLink(ctx.pool, id);
    return link && link.revokedAt === null && link.expiresAt > ctx.clock.now() ? link : undefined;
  }

  async #revokeOne(ctx: Context, token: string): Promise<number> {
    const [id] = readIds(this.#idSecret, 'preference link', token, 1) ?? [];
    if (id === undefined) return 0;
    return ctx.pool.begin(async (tx) => {
      const customerId = await revokeLink(tx, id, ctx.clock.now());
      const subject = customerId === undefined ? 'unknown' : toPublicId('cus', customerId);
      const links = customerId === undefined ? 0 : 1;
      await audit(tx, ctx, { action: 'preference_link.revoked', subject, detail: { links } });
      return links;
    });
  }

  async #revokeAll(ctx: Context, id: string): Promise<number> {
    const done = await speakFor(ctx, id, async (tx, { customerId }) => {
      const links = await revokeLinksOf(tx, customerId, ctx.clock.now());
      const subject = toPublicId('cus', customerId);
      await audit(tx, ctx, { action: 'preference_link.revoked', subject, detail: { links } });
      return links;
    });
    if (done === undefined) throw notFound('customer', toPublicId('cus', id));
    return done;
  }
}
