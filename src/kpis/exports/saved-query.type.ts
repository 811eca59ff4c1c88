import { Field, ID, Int, ObjectType } from 'type-graphql';
import { toPublicId } from '../../kernel/ids.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { Node } from '../../kernel/node.type.ts';
import { connectionType } from '../../kernel/paging.type.ts';
import { DateTime, JsonObjectValue } from '../../kernel/scalars.ts';
import { shownQuery } from './given-query.ts';
import type { SavedQuery } from './saved-queries.queries.ts';

@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description: 'A metric query with a name: its numbers are at an address, for tools that know nothing else.',
})
export class SavedMetricQuery implements Node {
  readonly id: string;

  @Field(() => String, { description: 'Unique. Part of the address.' })
  readonly name: string;

  @Field(() => String, { nullable: true, description: 'What it is for.' })
  readonly description: string | null;

  @Field(() => Int, { description: 'Counts up with each change, from 1.' })
  readonly version: number;

  @Field(() => JsonObjectValue, {
    description: 'The query, in the shape of `MetricQueryInput`: it can be given to `metrics(query:)` as a variable.',
  })
  readonly query: JsonObject;

  @Field(() => String, {
    description:
      'Where its numbers are: GET, with the API key as bearer token. `?format=` csv, ndjson, json or arrow. Answers with an ' +
      'ETag, and with 304 to `If-None-Match` as long as nothing has changed.',
  })
  readonly path: string;

  @Field(() => DateTime, { description: 'When it was saved first.' })
  readonly createdAt: Date;

  @Field(() => DateTime, { description: 'When it was changed last.' })
  readonly updatedAt: Date;

  constructor(saved: SavedQuery) {
    this.id = toPublicId('mqy', saved.id);
    this.name = saved.name;
    this.description = saved.description;
    this.version = saved.version;
    this.query = shownQuery(saved.query);
    this.path = `/exports/metrics/${saved.name}`;
    this.createdAt = saved.createdAt;
    this.updatedAt = saved.updatedAt;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A page of saved metric queries.' })
export class SavedMetricQueryConnection extends connectionType(SavedMetricQuery, 'SavedMetricQuery') {}

@ObjectType({ simpleResolvers: true, description: 'What became of a saved metric query.' })
export class SaveMetricQueryPayload {
  @Field(() => SavedMetricQuery, { description: 'As it is now.' })
  readonly metricQuery: SavedMetricQuery;

  constructor(saved: SavedQuery) {
    this.metricQuery = new SavedMetricQuery(saved);
  }
}

@ObjectType({ simpleResolvers: true, description: 'That a saved metric query is gone.' })
export class DeleteMetricQueryPayload {
  @Field(() => ID, { description: 'The id that it had.' })
  readonly deletedId: string;

  @Field(() => String, { description: 'The name that it had, which is free again.' })
  readonly name: string;

  constructor({ id, name }: SavedQuery) {
    this.deletedId = toPublicId('mqy', id);
    this.name = name;
  }
}
