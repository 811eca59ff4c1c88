import { Arg, Ctx, Int, Query, Resolver } from 'type-graphql';
import type { Context } from '../kernel/context.ts';
import { Cursor } from '../kernel/scalars.ts';
import { findAuditEntry, listAudit } from './audit.service.ts';
import { AuditEntry, AuditEntryConnection } from './audit.type.ts';

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
    @Arg('subject', () => String, {
      nullable: true,
      description: 'Only what was done to this one, such as `dec_…` or `key_…`; everything when left out.',
    })
    subject: string | null,
  ): Promise<AuditEntryConnection> {
    return listAudit(ctx, { first, after, subject }, (row) => new AuditEntry(row));
  }
}
