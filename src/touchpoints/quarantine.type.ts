import { Field, ID, Int, ObjectType } from 'type-graphql';
import { toPublicId } from '../kernel/ids.ts';
import type { JsonObject } from '../kernel/json.ts';
import { connectionType } from '../kernel/paging.type.ts';
import { DateTime, JsonObjectValue } from '../kernel/scalars.ts';
import type { QuarantineRow } from './quarantine.queries.ts';

@ObjectType({
  simpleResolvers: true,
  description: 'A touchpoint that was valid but could not be processed. It is kept whole until a replay succeeds.',
})
export class QuarantineItem {
  @Field(() => ID, { description: '`qi_…`, for `replayQuarantined`.' })
  readonly id: string;

  @Field(() => String, { description: 'The source that sent it.' })
  readonly source: string;

  @Field(() => String, { description: "The sender's id of it." })
  readonly messageId: string;

  @Field(() => JsonObjectValue, { description: 'The event as it was sent.' })
  readonly event: JsonObject;

  @Field(() => String, { description: 'What went wrong at the last attempt: stable, for programs.' })
  readonly code: string;

  @Field(() => String, { description: 'What went wrong at the last attempt, for people.' })
  readonly reason: string;

  @Field(() => Int, { description: 'Attempts so far.' })
  readonly attempts: number;

  @Field(() => DateTime, { description: 'When it first failed.' })
  readonly quarantinedAt: Date;

  @Field(() => DateTime, { description: 'When it last failed.' })
  readonly lastAttemptAt: Date;

  constructor(row: QuarantineRow) {
    this.id = toPublicId('qi', row.id);
    this.source = row.source;
    this.messageId = row.messageId;
    this.event = row.body as unknown as JsonObject;
    this.code = row.code;
    this.reason = row.reason;
    this.attempts = row.attempts;
    this.quarantinedAt = row.quarantinedAt;
    this.lastAttemptAt = row.lastAttemptAt;
  }
}

@ObjectType({ description: 'A page of what waits in quarantine, oldest first.' })
export class QuarantineConnection extends connectionType(QuarantineItem, 'QuarantineItem') {}
