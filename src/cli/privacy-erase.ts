import type { Command } from 'commander';
import type { Config } from '../kernel/config.ts';
import type { Context } from '../kernel/context.ts';
import type { PersonalTable } from '../privacy/personal-data.ts';

type WithContext = (work: (ctx: Context, config: Config) => Promise<void>) => Promise<void>;

interface EraseOptions {
  readonly customer: string;
  readonly reason: string;
  readonly dryRun?: boolean;
}

/** `rundum privacy erase` and `rundum privacy map`. */
export function registerErase(privacy: Command, withContext: WithContext): void {
  privacy
    .command('erase')
    .description('erase a customer for good, and print what was done to each table')
    .requiredOption('--customer <id>', 'any id of the customer, such as cus_…')
    .requiredOption('--reason <text>', 'why; it stays for ever, so it must not say who')
    .option('--dry-run', 'do everything, print it and take it back')
    .action((options: EraseOptions) => withContext((ctx, config) => erase(ctx, config, options)));
  privacy
    .command('map')
    .description('print what every table of the database holds of people, and what an erasure does to it')
    .action(printMap);
}

async function erase(ctx: Context, config: Config, { customer, reason, dryRun = false }: EraseOptions): Promise<void> {
  const [{ createEngines, regroupingReactions }, { CurrentRules }, { createErasure }, ids, { loadIdSecret }] =
    await Promise.all([
      import('../server/engines.ts'),
      import('../identity/current-rules.service.ts'),
      import('../server/erasure.ts'),
      import('../kernel/ids.ts'),
      import('../kernel/settings.queries.ts'),
    ]);
  const rules = new CurrentRules();
  await rules.reload(ctx.pool);
  const engines = createEngines(config, { ids: ctx.ids, rules });
  const { defaultRegion } = config;
  const settings = { idSecret: await loadIdSecret(ctx.pool), defaultRegion, rules };
  const service = createErasure(engines, { ...settings, reactions: regroupingReactions(engines) });
  const customerId = ids.fromPublicId('cus', customer, '--customer');
  const { request, receipt, before } = await service.eraseCustomer(ctx, { customerId, reason, dryRun });
  for (const { table, effect, rows, what } of receipt) {
    if (rows > 0) console.log(`${effect.padEnd(10)} ${String(rows).padStart(8)}  ${table}: ${what}`);
  }
  if (request === null) console.log('Only tried: nothing was changed.');
  else console.log(`${before ? 'Erased before' : 'Erased'}: ${ids.toPublicId('dsr', request.id)}`);
}

async function printMap(): Promise<void> {
  const [{ personalTables }, { defaultRules }] = await Promise.all([
    import('../server/personal-data.ts'),
    import('../identity/rules.ts'),
  ]);
  const tables = personalTables({ idSecret: '', defaultRegion: '' }, () => defaultRules);
  for (const line of mapLines(tables)) console.log(line);
}

/** As a table in Markdown, in the order of names. */
export function mapLines(tables: readonly PersonalTable[]): string[] {
  const sorted = [...tables].sort((a, b) => (a.table < b.table ? -1 : 1));
  const rows = sorted.map(({ table, holds, why, effect, afterwards }) => {
    return `| \`${table}\` | ${holds.toLowerCase()} | ${why} | ${effect === undefined ? '–' : afterwards} |`;
  });
  return ['| table | holds | what | after an erasure |', '|---|---|---|---|', ...rows];
}
