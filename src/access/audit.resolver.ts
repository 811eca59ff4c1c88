import { Arg, Ctx, Int, Query, Resolver } from 'type-graphql';
import type { Context } from '../kernel/context.ts';
import { fromPublicId } from '../kernel/ids.ts';
import { Cursor } from '../kernel/scalars.ts';
import { AuditLogFilter } from './audit.input.ts';
import { findAuditEntry, listAudit } from './audit.service.ts';
import { AuditEntry, AuditEntryConnection, AuditHead } from './audit.type.ts';
import { getAuditHead } from './audit-proof.service.ts';

/** For `node(id)` with an `aud_…`. */
export async function findAuditNode(ctx: Context, id: string): Promise<AuditEntry | null> {
  const row = await findAuditEntry(ctx, id);
  return row && new AuditEntry(row);
}

@Resolver()
export class AuditResolver {
  @Query(() => AuditEntryConnection, {
    description:
      'Who did what to the platform itself (keys, rules, decisions about people), the latest first. Needs the scope ' +
      '`ADMIN`.',
  })
  auditLog(
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what comes behind this cursor.' })
    after: string | null,
    @Arg('filter', () => AuditLogFilter, { nullable: true, description: 'Which entries; all when left out.' })
    filter: AuditLogFilter | null,
    @Arg('subject', () => String, {
      nullable: true,
      description: 'Short for `filter: { subject: … }`.',
    })
    subject: string | null,
  ): Promise<AuditEntryConnection> {
    const keyId = filter?.keyId == null ? null : fromPublicId('key', filter.keyId, 'filter.keyId');
    const wanted = { ...filter, keyId, subject: subject ?? filter?.subject };
    return listAudit(ctx, { first, after, filter: wanted }, (row) => new AuditEntry(row));
  }

  @Query(() => AuditHead, {
    description: 'The end of the hash chain over the audit log, to be kept elsewhere. Needs the scope `ADMIN`.',
  })
  async auditHead(@Ctx() ctx: Context): Promise<AuditHead> {
    return new AuditHead(await getAuditHead(ctx));
  }
}
