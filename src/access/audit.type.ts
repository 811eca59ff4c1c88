import { Field, Float, ID, ObjectType } from 'type-graphql';
import { toPublicId } from '../kernel/ids.ts';
import type { JsonObject } from '../kernel/json.ts';
import { Node } from '../kernel/node.type.ts';
import { connectionType } from '../kernel/paging.type.ts';
import { DateTime, JsonObjectValue } from '../kernel/scalars.ts';
import { type AuditEntry as AuditRow, publicKeyId } from './audit-chain.ts';
import type { SealedHead } from './audit-proof.service.ts';

@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'Somebody did something to the platform itself. Entries are never changed. Visible with the scope `ADMIN`.',
})
export class AuditEntry implements Node {
  readonly id: string;

  @Field(() => DateTime, { description: 'When it was done.' })
  readonly at: Date;

  @Field(() => String, { description: 'Who did it: the name of the API key at that time, or `operator`.' })
  readonly actor: string;

  @Field(() => ID, {
    nullable: true,
    description: 'The API key (`key_…`); null: a command on the machine of the server.',
  })
  readonly keyId: string | null;

  @Field(() => String, {
    description: 'What was done: `key.created`, `key.rotated`, `identity.decided`, `segments.updated`, …',
  })
  readonly action: string;

  @Field(() => String, { description: 'What it was done to: an id that `node(id)` knows, where it has one.' })
  readonly subject: string;

  @Field(() => String, { nullable: true, description: 'Why, where a reason was asked for.' })
  readonly reason: string | null;

  @Field(() => JsonObjectValue, { nullable: true, description: 'Ids and settings. Never personal values.' })
  readonly detail: JsonObject | null;

  @Field(() => String, { description: 'Of the operation that did it; logs name it too.' })
  readonly requestId: string;

  constructor(row: AuditRow) {
    this.id = toPublicId('aud', row.id);
    this.at = row.at;
    this.actor = row.actor;
    this.keyId = publicKeyId(row.keyId);
    this.action = row.action;
    this.subject = row.subject;
    this.reason = row.reason;
    this.detail = row.detail;
    this.requestId = row.requestId;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A page of the audit log.' })
export class AuditEntryConnection extends connectionType(AuditEntry, 'AuditEntry') {}

@ObjectType({
  simpleResolvers: true,
  description: 'The end of the hash chain over the audit log. Keep its hash elsewhere: it proves everything before it.',
})
export class AuditHead {
  @Field(() => Float, { description: 'How many entries are sealed.' })
  readonly position: number;

  @Field(() => String, { description: 'SHA-256 in hexadecimal: give it to `rundum audit verify --expect-head`.' })
  readonly hash: string;

  @Field(() => DateTime, { nullable: true, description: 'When the last entry was sealed; null: nothing ever was.' })
  readonly sealedAt: Date | null;

  constructor(head: SealedHead) {
    this.position = head.position;
    this.hash = head.hash.toString('hex');
    this.sealedAt = head.sealedAt;
  }
}
