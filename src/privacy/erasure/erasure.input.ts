import { Field, ID, InputType } from 'type-graphql';
import { IdentifierInput } from '../../identity/identifier.input.ts';

@InputType({ description: 'Whom to erase, and why.' })
export class EraseCustomerInput {
  @Field(() => ID, { description: 'Any id of the customer (`cus_…`): ids of those they were merged with work too.' })
  readonly customerId!: string;

  @Field(() => String, {
    description: '1 to 500 characters. It stays for ever, so it must not say who: “Request of 3 May, case 4711”.',
  })
  readonly reason!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Makes a repeat harmless: the same key and input give the same result. Up to 200 characters.',
  })
  readonly idempotencyKey?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'True: does everything, answers the receipt and takes it all back. Ingestion waits meanwhile.',
  })
  readonly dryRun?: boolean | null;
}

@InputType({ description: 'How a source names somebody.' })
export class SourceKeyInput {
  @Field(() => String, { description: 'The source, such as `crm`.' })
  readonly source!: string;

  @Field(() => String, { description: 'The key by which it knows them.' })
  readonly key!: string;
}

@InputType({ description: 'What may be suppressed: give exactly one.' })
export class SuppressionInput {
  @Field(() => IdentifierInput, { nullable: true, description: 'An identifier, such as an e-mail address.' })
  readonly identifier?: IdentifierInput | null;

  @Field(() => SourceKeyInput, { nullable: true, description: 'A record of a source.' })
  readonly record?: SourceKeyInput | null;
}

@InputType({ description: 'What may come in again, and why: give exactly one beside the reason.' })
export class LiftSuppressionInput extends SuppressionInput {
  @Field(() => ID, { nullable: true, description: 'Everything that one erasure (`dsr_…`) suppressed.' })
  readonly requestId?: string | null;

  @Field(() => String, { description: '1 to 500 characters. It stays for ever, so it must not say who.' })
  readonly reason!: string;
}
