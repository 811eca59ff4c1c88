import { CurrentRules } from '../identity/current-rules.service.ts';
import { IdentityRebuild, type RebuildObserver } from '../identity/identity-rebuild.service.ts';
import { RulesRepair } from '../identity/rules-repair.service.ts';
import type { Config } from '../kernel/config.ts';
import type { Context } from '../kernel/context.ts';
import { createEngines, customerChecks, regroupingReactions } from './engines.ts';

/** Compares what identity derives with the facts, and mends it unless only asked to verify. */
export async function rebuildIdentity(
  ctx: Context,
  observer: RebuildObserver,
  { verify, timeZone }: { verify: boolean } & Pick<Config, 'timeZone'>,
): Promise<void> {
  const rules = new CurrentRules();
  await rules.reload(ctx.pool);
  const reactions = regroupingReactions(createEngines({ timeZone }, { ids: ctx.ids, rules }));
  const settings = { rules, reactions };
  const service = new IdentityRebuild({ ...settings, checks: customerChecks });
  if (verify) return service.verify(ctx, observer);
  // Rules that no server has finished applying.
  await new RulesRepair(ctx, settings).catchUp();
  return service.rebuild(ctx, observer);
}
