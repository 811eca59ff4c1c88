import type { FieldKind, MatchField, MatchSchema } from './match-model.ts';

/** The fields of a schema by kind. */
export class SchemaFields {
  readonly #schema: MatchSchema;

  constructor(schema: MatchSchema) {
    this.#schema = schema;
  }

  /** The names of the fields of a kind. */
  all(kind: FieldKind): string[] {
    return this.#schema.filter((field: MatchField) => field.kind === kind).map(({ name }) => name);
  }

  /** The first fields of those kinds, as far as there are any. */
  firstOf(...kinds: FieldKind[]): string[] {
    return kinds.flatMap((kind) => this.all(kind).slice(0, 1));
  }

  has(...kinds: FieldKind[]): boolean {
    return kinds.every((kind) => this.all(kind).length > 0);
  }
}
