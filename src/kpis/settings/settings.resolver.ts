import { Arg, Ctx, Int, Mutation, Query, Resolver } from 'type-graphql';
import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import type { RuleConditions } from '../../loyalty/programs/rule-conditions.ts';
import { givenGroups, givenSettings } from './given-settings.ts';
import { resolveGroups } from './lever-groups.service.ts';
import { UpdateKpiSettingsInput } from './settings.input.ts';
import type { SettingsView } from './settings.queries.ts';
import { currentSettings, settingsHistory, settingsOf, updateSettings } from './settings.service.ts';
import { KpiSettings, KpiSettingsPayload } from './settings.type.ts';

@Resolver()
export class KpiSettingsResolver {
  readonly #conditions: RuleConditions;

  constructor(conditions: RuleConditions) {
    this.#conditions = conditions;
  }

  @Query(() => KpiSettings, {
    description:
      'The levers of KPIs: those in force now, or of a version. Needs the scope `metrics:read`. Codes: `NOT_FOUND`.',
  })
  async kpiSettings(
    @Ctx() ctx: Context,
    @Arg('version', () => Int, { nullable: true, description: 'The version in force when left out.' })
    version: number | null,
  ): Promise<KpiSettings> {
    return this.#shown(ctx, version == null ? await currentSettings(ctx) : await settingsOf(ctx, version));
  }

  @Query(() => [KpiSettings], {
    description:
      'All versions of the levers of KPIs, the latest first, down to version 0, what counted before anything was changed. ' +
      'Needs the scope `metrics:read`.',
  })
  async kpiSettingsHistory(
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('below', () => Int, { nullable: true, description: 'Only versions below this one: to page on.' })
    below: number | null,
  ): Promise<KpiSettings[]> {
    return (await settingsHistory(ctx, { first, below })).map((view) => this.#shown(ctx, view));
  }

  @Mutation(() => KpiSettingsPayload, {
    description:
      'Turns levers of KPIs, from now on: what was derived for the past stays, and everybody is derived anew in the ' +
      'background. The same values again change nothing. Needs the scope `metrics:manage`. Codes: `BAD_USER_INPUT` with the ' +
      'path of the fault in `field`, such as `input.rfm.segments[2].recency.most`; `FORBIDDEN` for a group by values that are masked ' +
      'for you; `VERSION_CONFLICT` with `currentVersion`.',
  })
  async updateKpiSettings(
    @Ctx() ctx: Context,
    @Arg('input', () => UpdateKpiSettingsInput, { description: 'Which, and to what.' }) input: UpdateKpiSettingsInput,
  ): Promise<KpiSettingsPayload> {
    requireScope(ctx, 'metrics:manage');
    const { expectedVersion, reason, groups, ...levers } = input;
    const given = givenGroups(groups);
    const resolved = given && { groups: await resolveGroups(ctx, this.#conditions, given) };
    const patch = { ...givenSettings(levers), ...resolved, expectedVersion, reason };
    return new KpiSettingsPayload(this.#shown(ctx, await updateSettings(ctx, patch)));
  }

  #shown(ctx: Context, view: SettingsView): KpiSettings {
    return new KpiSettings(view, (condition) => this.#conditions.isHidden(ctx, condition));
  }
}
