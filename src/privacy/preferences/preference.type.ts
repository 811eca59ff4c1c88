import { Field, Int, ObjectType } from 'type-graphql';
import type { Sight } from '../../identity/masking.ts';
import type { Json } from '../../kernel/json.ts';
import { DateTime, JsonValue } from '../../kernel/scalars.ts';
import { PreferenceKindEnum, PreferenceOriginEnum } from './preference.enum.ts';
import type { PreferenceOrigin } from './preference.ts';
import type { PreferenceKind } from './preference-definition.ts';
import type { DefinitionRow } from './preference-definitions.queries.ts';
import type { OwnedPreference } from './preferences.queries.ts';

@ObjectType({ simpleResolvers: true, description: 'Something that a customer prefers.' })
export class Preference {
  @Field(() => String, { description: 'Which one, such as `shoeSize`.' })
  readonly name: string;

  @Field(() => JsonValue, { description: 'What it is. Personal values are masked without the scope `pii:read`.' })
  readonly value: Json;

  @Field(() => Boolean, {
    description:
      'The customer said so. Else somebody concluded it, which counts only as long as they have said nothing.',
  })
  readonly declared: boolean;

  @Field(() => PreferenceOriginEnum, { description: 'How it came to be known.' })
  readonly origin: PreferenceOrigin;

  @Field(() => String, { description: 'Where it was said.' })
  readonly source: string;

  @Field(() => DateTime, { description: 'When it was said: the latest counts.' })
  readonly statedAt: Date;

  constructor({ name, value, declared, origin, source, statedAt }: OwnedPreference, sight: Sight) {
    this.name = name;
    this.value = sight.freeForm({ [name]: value })?.[name] ?? null;
    this.declared = declared;
    this.origin = origin;
    this.source = source;
    this.statedAt = statedAt;
  }
}

@ObjectType({ simpleResolvers: true, description: 'What customers are asked in the preference centre.' })
export class PreferenceDefinition {
  @Field(() => String, { description: 'Name of the preference, such as `language`.' })
  readonly name: string;

  @Field(() => String, { description: 'As customers read it.' })
  readonly label: string;

  @Field(() => String, { description: 'What it is good for, as customers read it. May be empty.' })
  readonly description: string;

  @Field(() => PreferenceKindEnum, { description: 'How they answer.' })
  readonly kind: PreferenceKind;

  @Field(() => [String], { description: 'Of ONE_OF and SOME_OF: what there is to choose. Empty for the others.' })
  readonly options: readonly string[];

  constructor({ name, label, description, kind, options }: DefinitionRow) {
    this.name = name;
    this.label = label;
    this.description = description;
    this.kind = kind;
    this.options = options;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A preference that was set.' })
export class PreferencePayload {
  /** UUID. */
  readonly customerId: string;

  @Field(() => String, { description: 'Name of the preference.' })
  readonly name: string;

  constructor(customerId: string, name: string) {
    this.customerId = customerId;
    this.name = name;
  }
}

@ObjectType({ simpleResolvers: true, description: 'What customers are asked, as it is now.' })
export class DefinePreferencePayload {
  @Field(() => PreferenceDefinition, { description: 'The definition as it is now.' })
  readonly definition!: PreferenceDefinition;
}

@ObjectType({
  simpleResolvers: true,
  description:
    'A link to the preference centre. Whoever has it sees and sets what this one customer allows and prefers.',
})
export class PreferenceLinkPayload {
  @Field(() => String, { description: 'What opens the preference centre. It is shown this once.' })
  readonly token!: string;

  @Field(() => String, { description: 'Where, on this server: `/preferences/…`.' })
  readonly path!: string;

  @Field(() => DateTime, { description: 'It opens nothing from then on.' })
  readonly expiresAt!: Date;
}

@ObjectType({ simpleResolvers: true, description: 'Links that open nothing any more.' })
export class RevokePreferenceLinksPayload {
  @Field(() => Int, { description: 'How many of them were open.' })
  readonly revoked!: number;
}
