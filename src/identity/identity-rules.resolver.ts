import { Arg, Ctx, Int, Mutation, Query, Resolver } from 'type-graphql';
import type { Context } from '../kernel/context.ts';
import {
  IdentityRulesInput,
  RevertIdentityRulesInput,
  toRuleBook,
  UpdateIdentityRulesInput,
} from './identity-rules.input.ts';
import type { IdentityRulesService } from './identity-rules.service.ts';
import { IdentityRules, IdentityRulesPayload } from './identity-rules.type.ts';
import type { RulesPreviewService } from './rules-preview.service.ts';
import { RulesPreview } from './rules-preview.type.ts';

@Resolver()
export class IdentityRulesResolver {
  readonly #rules: IdentityRulesService;
  readonly #previews: RulesPreviewService;

  constructor(rules: IdentityRulesService, previews: RulesPreviewService) {
    this.#rules = rules;
    this.#previews = previews;
  }

  @Query(() => IdentityRules, {
    description: 'The rules by which records become customers. Needs the scope `identity:read`.',
  })
  async identityRules(@Ctx() ctx: Context): Promise<IdentityRules> {
    return new IdentityRules(await this.#rules.getCurrent(ctx));
  }

  @Query(() => [IdentityRules], {
    description:
      'Their versions, the newest first; the shipped rules, version 0, last. Needs the scope `identity:read`.',
  })
  async identityRulesHistory(
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { defaultValue: 20, description: '1 to 100.' }) first: number,
  ): Promise<IdentityRules[]> {
    const versions = await this.#rules.listVersions(ctx, first);
    return versions.map((version) => new IdentityRules(version));
  }

  @Query(() => RulesPreview, {
    description:
      'What other identity rules would do: computed from everything that is stored, without applying them. It takes about ' +
      'as long as applying them. Needs the scope `identity:manage`.',
  })
  async previewIdentityRules(
    @Ctx() ctx: Context,
    @Arg('rules', () => IdentityRulesInput, { description: 'The rules to try.' }) rules: IdentityRulesInput,
    @Arg('seconds', () => Int, {
      defaultValue: 20,
      description: '1 to 120. After that the answer is about what was looked at until then (`complete: false`).',
    })
    seconds: number,
  ): Promise<RulesPreview> {
    return new RulesPreview(await this.#previews.preview(ctx, { rules: toRuleBook(rules), seconds }));
  }

  @Mutation(() => IdentityRulesPayload, {
    description:
      'Puts other identity rules in force: at once for what comes in, and in the background for all that came before ' +
      '(`identityRules { repair }` tells how far). It can be taken back with `revertIdentityRules`. Fails with ' +
      '`IDENTITY_CONFLICT` if they have been changed since `expectedVersion`. Needs the scope `identity:manage`.',
  })
  async updateIdentityRules(
    @Ctx() ctx: Context,
    @Arg('input', () => UpdateIdentityRulesInput, { description: 'The rules, and why.' })
    input: UpdateIdentityRulesInput,
  ): Promise<IdentityRulesPayload> {
    return new IdentityRulesPayload(await this.#rules.update(ctx, { ...input, rules: toRuleBook(input.rules) }));
  }

  @Mutation(() => IdentityRulesPayload, {
    description:
      'Puts the identity rules of an earlier version in force again, as a new version: everything becomes what it would be ' +
      'had they never been others. Needs the scope `identity:manage`.',
  })
  async revertIdentityRules(
    @Ctx() ctx: Context,
    @Arg('input', () => RevertIdentityRulesInput, { description: 'Which version, and why.' })
    input: RevertIdentityRulesInput,
  ): Promise<IdentityRulesPayload> {
    return new IdentityRulesPayload(await this.#rules.revert(ctx, input));
  }
}
