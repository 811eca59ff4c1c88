import { type DocumentNode, GraphQLError, visit } from 'graphql';
import { DomainError } from '../kernel/errors.ts';

/** Whether a document asks for the schema. `__typename` does not. */
export function asksForSchema(document: DocumentNode): boolean {
  let asks = false;
  visit(document, {
    Field({ name }) {
      if (name.value === '__schema' || name.value === '__type') asks = true;
    },
  });
  return asks;
}

export function introspectionRefused(): DomainError {
  return new DomainError('FORBIDDEN', 'This API key may not ask for the schema.', { reason: 'INTROSPECTION' });
}

/** What an error of validation suggests, names that were not asked for, is the schema in small pieces. */
export function withoutSuggestion(error: GraphQLError): GraphQLError {
  const message = error.message.replace(/ Did you mean [\s\S]*\?$/, '');
  if (message === error.message) return error;
  const { nodes, path, extensions } = error;
  return new GraphQLError(message, { nodes, path, extensions });
}
