import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { publicKeyId } from '../../access/audit-chain.ts';
import { toPublicId } from '../../kernel/ids.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { Node } from '../../kernel/node.type.ts';
import { connectionType } from '../../kernel/paging.type.ts';
import { DateTime, JsonObjectValue } from '../../kernel/scalars.ts';
import type { SubjectRequest, TableReceipt } from '../subject-requests.queries.ts';
import type { Suppression } from './suppressions.queries.ts';

type Names<T extends string> = { readonly [Name in T]: Name };

export const DataSubjectRequestKind = {
  ACCESS: 'ACCESS',
  ERASURE: 'ERASURE',
  PARTIAL_DELETION: 'PARTIAL_DELETION',
} as const satisfies Names<SubjectRequest['kind']>;

registerEnumType(DataSubjectRequestKind, {
  name: 'DataSubjectRequestKind',
  description: 'What a data subject asked for.',
  valuesConfig: {
    ACCESS: { description: 'A copy of everything that is held about them.' },
    ERASURE: { description: 'To be erased.' },
    PARTIAL_DELETION: { description: 'That some of their touchpoints are deleted.' },
  },
});

export const DataSubjectRequestStatus = {
  DONE: 'DONE',
  PREPARING: 'PREPARING',
  READY: 'READY',
  EXPIRED: 'EXPIRED',
  FAILED: 'FAILED',
} as const satisfies Names<SubjectRequest['status']>;

registerEnumType(DataSubjectRequestStatus, {
  name: 'DataSubjectRequestStatus',
  description: 'How far a request is.',
  valuesConfig: {
    DONE: { description: 'It was done.' },
    PREPARING: { description: 'The copy is being made.' },
    READY: { description: 'The copy can be fetched until `expiresAt`.' },
    EXPIRED: { description: 'The copy cannot be fetched any more.' },
    FAILED: { description: 'The copy could not be made.' },
  },
});

export const DataEffect = {
  DELETED: 'DELETED',
  ANONYMISED: 'ANONYMISED',
  KEPT: 'KEPT',
  EXPORTED: 'EXPORTED',
} as const satisfies Names<TableReceipt['effect']>;

registerEnumType(DataEffect, {
  name: 'DataEffect',
  description: 'What a request did to rows of a table.',
  valuesConfig: {
    DELETED: { description: 'They are gone.' },
    ANONYMISED: { description: 'They stay for sums and ledgers, and nothing leads from them to the person any more.' },
    KEPT: { description: 'They stay as they are: nothing in them is the person’s.' },
    EXPORTED: { description: 'They were copied.' },
  },
});

@ObjectType({ simpleResolvers: true, description: 'What a request did to one table of the database.' })
export class DataSubjectReceiptLine implements TableReceipt {
  @Field(() => String, { description: 'The name of the table.' })
  readonly table!: string;

  @Field(() => DataEffect, { description: 'What was done.' })
  readonly effect!: TableReceipt['effect'];

  @Field(() => Float, { description: 'To how many rows.' })
  readonly rows!: number;

  @Field(() => String, { description: 'The same in a sentence.' })
  readonly what!: string;
}

@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'What a data subject asked for, and what was done: kept for ever, as a proof. It holds no personal values.',
})
export class DataSubjectRequest implements Node {
  readonly id: string;
  /** For the receipt. */
  readonly row: SubjectRequest;

  @Field(() => DataSubjectRequestKind, { description: 'What was asked for.' })
  readonly kind: SubjectRequest['kind'];

  @Field(() => DataSubjectRequestStatus, { description: 'How far it is.' })
  readonly status: SubjectRequest['status'];

  @Field(() => ID, {
    description: 'The customer (`cus_…`), by the id of that time. After an erasure it leads to nobody.',
  })
  readonly customerId: string;

  @Field(() => String, { description: 'Who did it: the name of the API key at that time, or `operator`.' })
  readonly actor: string;

  @Field(() => ID, { nullable: true, description: 'The API key (`key_…`); null: a command on the server’s machine.' })
  readonly keyId: string | null;

  @Field(() => String, { description: 'Why. Empty where the customer was erased later.' })
  readonly reason: string;

  @Field(() => DateTime, { description: 'When it was asked for.' })
  readonly requestedAt: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it was done; null: it is not.' })
  readonly finishedAt: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Of an access export: until when it can be fetched.' })
  readonly expiresAt: Date | null;

  @Field(() => JsonObjectValue, { description: 'What exactly was asked for, and counts: ids and settings.' })
  readonly detail: JsonObject;

  constructor(row: SubjectRequest) {
    this.id = toPublicId('dsr', row.id);
    this.row = row;
    this.kind = row.kind;
    this.status = row.status;
    this.customerId = toPublicId('cus', row.customerId);
    this.actor = row.actor;
    this.keyId = publicKeyId(row.keyId);
    this.reason = row.reason;
    this.requestedAt = row.requestedAt;
    this.finishedAt = row.finishedAt;
    this.expiresAt = row.expiresAt;
    this.detail = row.detail;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A page of requests of data subjects.' })
export class DataSubjectRequestConnection extends connectionType(DataSubjectRequest, 'DataSubjectRequest') {}

@ObjectType({ simpleResolvers: true, description: 'What came of erasing somebody.' })
export class EraseCustomerPayload {
  @Field(() => DataSubjectRequest, { nullable: true, description: 'The request; null where it was only tried.' })
  readonly request!: DataSubjectRequest | null;

  @Field(() => [DataSubjectReceiptLine], { description: 'What was done to each table, or would be.' })
  readonly receipt!: readonly DataSubjectReceiptLine[];

  @Field(() => Boolean, { description: 'This person had been erased before: `request` is that erasure.' })
  readonly alreadyErased!: boolean;
}

@ObjectType({ simpleResolvers: true, description: 'What must not come back after erasures, counted.' })
export class SuppressionCount {
  @Field(() => Int, { description: 'Records, by source and key, whose messages are rejected.' })
  readonly records!: number;

  @Field(() => Int, { description: 'Identifiers whose messages are rejected.' })
  readonly identifiers!: number;

  @Field(() => Int, { description: 'Suppressions that were lifted.' })
  readonly lifted!: number;
}

@ObjectType({ simpleResolvers: true, description: 'That messages about a record or an identifier are rejected.' })
export class SuppressionState {
  @Field(() => ID, { description: 'The erasure (`dsr_…`) that brought it about.' })
  readonly requestId: string;

  @Field(() => DateTime, { description: 'Since when.' })
  readonly since: Date;

  @Field(() => DateTime, { nullable: true, description: 'Until when it was in force; null: it is.' })
  readonly liftedAt: Date | null;

  @Field(() => String, { nullable: true, description: 'Why it was lifted.' })
  readonly liftReason: string | null;

  constructor({ requestId, at, liftedAt, liftReason }: Suppression) {
    this.requestId = toPublicId('dsr', requestId);
    this.since = at;
    this.liftedAt = liftedAt;
    this.liftReason = liftReason;
  }
}

@ObjectType({ simpleResolvers: true, description: 'What came of lifting suppressions.' })
export class LiftSuppressionPayload {
  @Field(() => Int, { description: 'How many were in force and are not any more.' })
  readonly lifted!: number;
}
