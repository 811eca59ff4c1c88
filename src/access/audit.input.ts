import { Field, ID, InputType } from 'type-graphql';
import { DateTime } from '../kernel/scalars.ts';

@InputType({ description: 'Which entries of the audit log: those for which everything that is given holds.' })
export class AuditLogFilter {
  @Field(() => String, {
    nullable: true,
    description:
      'What was done, or how that begins, up to a dot: `key.rotated`, or `key` for all that was done to keys.',
  })
  readonly action?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Who did it: the name of an API key at that time, or `operator`.',
  })
  readonly actor?: string | null;

  @Field(() => ID, { nullable: true, description: 'The API key (`key_…`) that did it, whatever its name.' })
  readonly keyId?: string | null;

  @Field(() => String, { nullable: true, description: 'What it was done to, such as `dec_…` or `key_…`.' })
  readonly subject?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Done at this moment or later.' })
  readonly from?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Done before this moment.' })
  readonly to?: Date | null;
}
