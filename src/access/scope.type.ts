import { registerEnumType } from 'type-graphql';
import { type Scope as ScopeText, scopeDescriptions, scopeEnumName, scopes } from './scopes.ts';

/** Outside `CUSTOMERS_READ`, inside `customers:read`: the one place where the two spellings meet. */
export const Scope = Object.fromEntries(scopes.map((scope) => [scopeEnumName(scope), scope])) as Record<
  string,
  ScopeText
>;

registerEnumType(Scope, {
  name: 'Scope',
  description:
    'Something that an API key allows. No scope includes another, except `ADMIN`, which includes all. ' +
    'Messages and the command line spell them in small letters: `CUSTOMERS_READ` is `customers:read`.',
  valuesConfig: Object.fromEntries(
    scopes.map((scope) => [scopeEnumName(scope), { description: scopeDescriptions[scope] }]),
  ),
});
