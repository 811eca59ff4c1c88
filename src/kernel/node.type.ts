import { Field, ID, InterfaceType } from 'type-graphql';

@InterfaceType({ description: 'Anything that has an id of its own and can be fetched by `node(id)`.' })
export class Node {
  @Field(() => ID, { description: 'Typed and sortable: the prefix before `_` says what it is an id of.' })
  readonly id!: string;
}
