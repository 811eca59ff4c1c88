import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import type { Context } from './context.ts';
import { badInput } from './errors.ts';
import { type IdPrefix, parsePublicId } from './ids.ts';
import { Node } from './node.type.ts';

/** Finds one thing by its UUID; checks that the caller may see it. */
export type NodeFinder = (ctx: Context, uuid: string) => Promise<Node | null>;

@Resolver()
export class NodeResolver {
  readonly #finders: ReadonlyMap<string, NodeFinder>;

  constructor(finders: ReadonlyMap<IdPrefix, NodeFinder>) {
    this.#finders = finders;
  }

  @Query(() => Node, {
    nullable: true,
    description:
      'Anything by its id; null when there is nothing (any more) under it. The id of a customer that was merged into ' +
      'another gives that other one.',
  })
  async node(
    @Ctx() ctx: Context,
    @Arg('id', () => ID, { description: 'Any id that this API gave, such as `cus_01h2xcejqtf2nbrexx3vqjhp41`.' })
    id: string,
  ): Promise<Node | null> {
    const parsed = parsePublicId(id);
    const find = parsed && this.#finders.get(parsed.prefix);
    if (!find) {
      const known = [...this.#finders.keys()].map((prefix) => `${prefix}_…`).join(', ');
      throw badInput(`Expected an id that this API gave (${known}), got ${JSON.stringify(id.slice(0, 80))}.`, 'id');
    }
    return find(ctx, parsed.uuid);
  }
}
