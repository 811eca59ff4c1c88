import type { Command } from 'commander';
import type { Config } from '../kernel/config.ts';
import type { Context } from '../kernel/context.ts';
import { registerErase } from './privacy-erase.ts';
import { registerExport } from './privacy-export.ts';

const shown = 20;

/** Everything about privacy: each part registers its own subcommands here. */
export function register(program: Command): void {
  const privacy = program.command('privacy').description('look after consents, and the data of people');
  privacy
    .command('verify')
    .description('prove that the consents that count are what was said of the records; exit with 1 if anything differs')
    .action(verify);
  privacy
    .command('rebuild')
    .description('make statements of consent of older touchpoints, and fold what counts for every customer anew')
    .action(rebuild);
  registerExport(privacy, withContext);
  registerErase(privacy, withContext);
}

async function verify(): Promise<void> {
  const { verifyConsents } = await import('../privacy/consents/consent-verifier.service.ts');
  await withContext(async ({ pool }) => {
    const { customers, consents, differences } = await verifyConsents(pool);
    for (const { customerId, purpose, channel, stored, expected } of differences.slice(0, shown)) {
      const over = channel === '' ? '' : ` on ${channel}`;
      console.log(
        `  ${customerId} ${purpose}${over}: expected ${expected ?? 'nothing'}; stored ${stored ?? 'nothing'}`,
      );
    }
    console.log(`${consents} consents of ${customers} customers compared: ${differences.length} differ.`);
    if (differences.length > 0) process.exitCode = 1;
  });
}

async function rebuild(): Promise<void> {
  const [{ rebuildConsents }, { createEngines }, { CurrentRules }, { onConsentsMoved }] = await Promise.all([
    import('../privacy/consents/consent-rebuild.service.ts'),
    import('../server/engines.ts'),
    import('../identity/current-rules.service.ts'),
    import('../segments/segment-reactions.service.ts'),
  ]);
  await withContext(async (ctx, config) => {
    const { evaluator } = createEngines(config, { ids: ctx.ids, rules: new CurrentRules() });
    const { statements, changes } = await rebuildConsents(ctx, [onConsentsMoved(evaluator)]);
    console.log(`${statements} statements were missing; for ${changes} customers something else counts now.`);
  });
}

async function withContext(work: (ctx: Context, config: Config) => Promise<void>): Promise<void> {
  const [{ readConfig }, { withPlatform }, { operatorContext }] = await Promise.all([
    import('../kernel/config.ts'),
    import('./platform.ts'),
    import('../access/operator.ts'),
  ]);
  const config = readConfig();
  await withPlatform(config, (platform) => work(operatorContext(platform), config));
}
