import { type ClassType, Field, ObjectType } from 'type-graphql';
import type { Page, PageInfo as PageFacts } from './paging.ts';
import { Cursor } from './scalars.ts';

@ObjectType({ simpleResolvers: true, description: 'Where a page lies in its list (Relay).' })
export class PageInfo implements PageFacts {
  @Field(() => Boolean, { description: 'There is more after `endCursor`.' })
  readonly hasNextPage!: boolean;

  @Field(() => Boolean, {
    description: 'There is more before `startCursor`. Only known when paging backwards, or after a cursor.',
  })
  readonly hasPreviousPage!: boolean;

  @Field(() => Cursor, { nullable: true, description: 'Of the first edge; null on an empty page.' })
  readonly startCursor!: string | null;

  @Field(() => Cursor, { nullable: true, description: 'Of the last edge; null on an empty page.' })
  readonly endCursor!: string | null;
}

/**
 * Declares `XConnection` and `XEdge` for a list of `X`. Extend the result under the same name, add fields such as
 * `totalCount` there, and return a {@link Page}:
 *
 * ```ts
 * @ObjectType({ description: 'A page of customers.' })
 * export class CustomerConnection extends connectionType(Customer, 'Customer') {}
 * ```
 */
export function connectionType<N extends object>(node: ClassType<N>, name: string): ClassType<Page<N>> {
  @ObjectType(`${name}Edge`, { simpleResolvers: true, description: `One ${name} in a list, with its position.` })
  class Edge {
    @Field(() => Cursor, { description: 'Give it as `after` to go on behind this one.' })
    readonly cursor!: string;

    @Field(() => node, { description: `The ${name} itself.` })
    readonly node!: N;
  }

  @ObjectType({ simpleResolvers: true })
  class Connection implements Page<N> {
    @Field(() => [Edge], { description: 'The page, with the position of each.' })
    readonly edges!: Edge[];

    @Field(() => [node], { description: 'The page without positions: `edges.node` in short.' })
    readonly nodes!: N[];

    @Field(() => PageInfo, { description: 'Where this page lies in the whole list.' })
    readonly pageInfo!: PageInfo;
  }
  return Connection;
}
