import { lexicographicSortSchema, printSchema } from 'graphql';
import { createSchema } from './schema.ts';

/** The schema as its text, sorted, so that a difference is one in content. No resolver runs, so none needs an instance. */
export function printApiSchema(): string {
  const schema = createSchema(new Map());
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}
