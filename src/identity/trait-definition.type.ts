import { Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { Json } from '../kernel/json.ts';
import { connectionType } from '../kernel/paging.type.ts';
import { DateTime, JsonValue } from '../kernel/scalars.ts';
import type { Strategy, Survivorship } from './survivorship.ts';
import { SurvivorshipStrategy } from './survivorship.type.ts';
import type { TraitDefinition as Definition, TraitStatus as Status, TraitMeaning } from './trait-definition.ts';
import type { TraitDefinitionVersionView } from './trait-definitions.queries.ts';
import type { TraitRefoldView } from './trait-refold.queries.ts';
import type { TraitType as Type } from './trait-value.ts';

export const TraitType = {
  TEXT: 'TEXT',
  NUMBER: 'NUMBER',
  BOOLEAN: 'BOOLEAN',
  DATE: 'DATE',
  DATE_TIME: 'DATE_TIME',
  OBJECT: 'OBJECT',
  LIST: 'LIST',
} as const satisfies { [K in Type]: K };

registerEnumType(TraitType, {
  name: 'TraitType',
  description:
    'What the values of a trait are. Values of another type are stored all the same; strategies that need the type ' +
    'leave them out.',
  valuesConfig: {
    TEXT: { description: 'Text.' },
    NUMBER: { description: 'A number.' },
    BOOLEAN: { description: 'True or false.' },
    DATE: { description: 'A day as text, such as `2026-03-29`.' },
    DATE_TIME: { description: 'A time as text with an offset, such as `2026-03-29T03:30:00+02:00`.' },
    OBJECT: { description: 'A JSON object.' },
    LIST: { description: 'A JSON array.' },
  },
});

export const TraitStatus = { REVIEWED: 'REVIEWED', UNREVIEWED: 'UNREVIEWED' } as const satisfies { [K in Status]: K };

registerEnumType(TraitStatus, {
  name: 'TraitStatus',
  description: 'Whether somebody has looked at a trait.',
  valuesConfig: {
    REVIEWED: { description: 'Comes with Rundum, or a steward has looked at it.' },
    UNREVIEWED: { description: 'Came with an event: its type is a guess, and it counts as personal.' },
  },
});

@ObjectType({ simpleResolvers: true, description: 'Which of several values of a trait is the golden one.' })
export class TraitSurvivorship {
  @Field(() => SurvivorshipStrategy, { description: 'How the golden value is chosen or put together.' })
  readonly strategy: Strategy;

  @Field(() => [String], {
    nullable: true,
    description: 'Of SOURCE_PRIORITY: the most trusted source first. Those that are not named come after all of them.',
  })
  readonly sources: readonly string[] | null;

  @Field(() => [JsonValue], {
    nullable: true,
    description: 'Of MOST_RESTRICTIVE: the values from the most to the least restrictive.',
  })
  readonly ranking: readonly Json[] | null;

  constructor({ strategy, sources, ranking }: Survivorship) {
    this.strategy = strategy;
    this.sources = sources ?? null;
    this.ranking = ranking ?? null;
  }
}

@ObjectType({ simpleResolvers: true, description: 'What a trait means, as of some version.' })
export class DefinedTrait {
  @Field(() => TraitType, { description: 'What its values are.' })
  readonly type: Type;

  @Field(() => String, { nullable: true, description: 'Of a number, such as `kg` or `EUR`.' })
  readonly unit: string | null;

  @Field(() => Boolean, { description: 'Only keys with the scope `pii:read` see its values.' })
  readonly personal: boolean;

  @Field(() => String, { nullable: true, description: 'What it says, for who meets it in a list.' })
  readonly description: string | null;

  @Field(() => TraitStatus, { description: 'Whether somebody has looked at it.' })
  readonly status: Status;

  @Field(() => TraitSurvivorship, { description: 'Which of several values is the golden one.' })
  readonly survivorship: TraitSurvivorship;

  @Field(() => Int, { description: 'Grows by one with every change. Give it as `expectedVersion` with the next.' })
  readonly version: number;

  constructor(row: TraitMeaning & { readonly status: Status; readonly version: number }) {
    this.type = row.type;
    this.unit = row.unit;
    this.personal = row.personal;
    this.description = row.description;
    this.status = row.status;
    this.survivorship = new TraitSurvivorship(row.survivorship);
    this.version = row.version;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A trait in the catalogue.' })
export class TraitDefinition extends DefinedTrait {
  @Field(() => String, { description: 'Such as `firstName`.' })
  readonly name: string;

  @Field(() => DateTime, { description: 'When it came into the catalogue.' })
  readonly firstSeenAt: Date;

  @Field(() => DateTime, { description: 'When it was changed last.' })
  readonly updatedAt: Date;

  @Field(() => String, {
    nullable: true,
    description: 'The name of the key that changed it last; null while it is as it came.',
  })
  readonly updatedBy: string | null;

  constructor(row: Definition) {
    super(row);
    this.name = row.name;
    this.firstSeenAt = row.firstSeenAt;
    this.updatedAt = row.updatedAt;
    this.updatedBy = row.updatedBy;
  }
}

@ObjectType({ simpleResolvers: true, description: 'What a definition was at one time.' })
export class TraitDefinitionVersion extends DefinedTrait {
  @Field(() => DateTime, { description: 'Since when.' })
  readonly at: Date;

  @Field(() => String, { nullable: true, description: 'The name of the key; null: nobody, it came so.' })
  readonly actor: string | null;

  @Field(() => String, { description: 'Why.' })
  readonly reason: string;

  constructor(row: TraitDefinitionVersionView) {
    super(row);
    this.at = row.at;
    this.actor = row.actor;
    this.reason = row.reason;
  }
}

@ObjectType({
  simpleResolvers: true,
  description:
    'Bringing the golden values of all customers up to the latest strategy of a trait. Customers that an event touches ' +
    'meanwhile are up to it already.',
})
export class TraitRefold {
  @Field(() => Int, { description: 'The version of the definition that it is about.' })
  readonly version: number;

  @Field(() => Boolean, { description: 'Everybody is up to it.' })
  readonly done: boolean;

  @Field(() => Float, { description: 'How far it is, from 0 to 1.' })
  readonly progress: number;

  @Field(() => Int, { description: 'Customers that were looked at.' })
  readonly examined: number;

  @Field(() => Int, { description: 'Customers with another golden value than before.' })
  readonly changed: number;

  @Field(() => DateTime, { description: 'When the strategy was changed.' })
  readonly startedAt: Date;

  @Field(() => DateTime, { nullable: true, description: 'Null: under way.' })
  readonly finishedAt: Date | null;

  constructor(row: TraitRefoldView) {
    this.version = row.version;
    this.done = row.finishedAt !== null;
    this.progress = this.done ? 1 : placeOf(row.position);
    this.examined = row.examined;
    this.changed = row.changed;
    this.startedAt = row.startedAt;
    this.finishedAt = row.finishedAt;
  }
}

/** Customers are visited in order of id, and ids are evenly spread, because they are hashes. */
function placeOf(position: string | null): number {
  return position === null ? 0 : Number.parseInt(position.slice(0, 8), 16) / 2 ** 32;
}

@ObjectType({ simpleResolvers: true, description: 'A page of the catalogue of traits.' })
export class TraitDefinitionConnection extends connectionType(TraitDefinition, 'TraitDefinition') {}

@ObjectType({ simpleResolvers: true, description: 'A definition after a change.' })
export class UpdateTraitDefinitionPayload {
  @Field(() => TraitDefinition, { description: 'As it is now.' })
  readonly definition: TraitDefinition;

  constructor(definition: TraitDefinition) {
    this.definition = definition;
  }
}
