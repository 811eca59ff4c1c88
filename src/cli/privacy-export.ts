import { once } from 'node:events';
import type { Command } from 'commander';
import type { Config } from '../kernel/config.ts';
import type { Context } from '../kernel/context.ts';

interface ExportOptions {
  readonly customer?: string;
  readonly identifier?: string;
  readonly reason: string;
  readonly format: string;
}

type InContext = (work: (ctx: Context, config: Config) => Promise<void>) => Promise<void>;

/** `rundum privacy export` */
export function registerExport(privacy: Command, inContext: InContext): void {
  privacy
    .command('export')
    .description('write everything that is held about somebody to standard output')
    .option('--customer <id>', 'any id of the customer, cus_…')
    .option('--identifier <kind:value>', 'an identifier of theirs, such as email:jo@example.com')
    .option('--format <format>', 'ndjson, one object a line, or json, one document', 'ndjson')
    .requiredOption('--reason <text>', 'why, for the audit log: it must not say who')
    .action((options: ExportOptions) => inContext((ctx, config) => writeExport(ctx, config, options)));
}

async function writeExport(ctx: Context, config: Config, options: ExportOptions): Promise<void> {
  const [{ badInput }, { writeExportDocument, writeExportLines }] = await Promise.all([
    import('../kernel/errors.ts'),
    import('../privacy/subject-access/export-document.ts'),
  ]);
  if (options.format !== 'ndjson' && options.format !== 'json') throw badInput('Expected ndjson or json.', '--format');
  const { exports, customerId } = await open(ctx, config, options);
  const { id } = await exports.create(ctx, { customerId, reason: options.reason });
  const parts = exports.open(ctx, id);
  const written = options.format === 'json' ? writeExportDocument(parts) : writeExportLines(parts);
  for await (const text of written) if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

async function open(ctx: Context, config: Config, options: ExportOptions) {
  const [{ createEngines }, { createAccessExports }, { CurrentRules }, { loadIdSecret }] = await Promise.all([
    import('../server/engines.ts'),
    import('../server/wiring-privacy-subject.ts'),
    import('../identity/current-rules.service.ts'),
    import('../kernel/settings.queries.ts'),
  ]);
  const { defaultRegion } = config;
  const rules = new CurrentRules();
  const [idSecret] = await Promise.all([loadIdSecret(ctx.pool), rules.reload(ctx.pool)]);
  const engines = createEngines(config, { ids: ctx.ids, rules });
  const exports = createAccessExports(engines, { idSecret, defaultRegion, rules });
  return { exports, customerId: await findPerson(ctx, options, { idSecret, defaultRegion }) };
}

async function findPerson(
  ctx: Context,
  { customer, identifier }: Pick<ExportOptions, 'customer' | 'identifier'>,
  settings: { readonly idSecret: string; readonly defaultRegion: string },
): Promise<string> {
  const [{ badInput, DomainError }, { fromPublicId }, { CustomerService }] = await Promise.all([
    import('../kernel/errors.ts'),
    import('../kernel/ids.ts'),
    import('../identity/customer.service.ts'),
  ]);
  if ((customer === undefined) === (identifier === undefined)) {
    throw badInput('Give --customer or --identifier, exactly one of them.');
  }
  if (customer !== undefined) return fromPublicId('cus', customer, '--customer');
  const [kind, ...rest] = identifier!.split(':');
  const found = await new CustomerService(settings).findCustomer(ctx, {
    identifier: { kind: kind!, value: rest.join(':') },
  });
  if (found) return found.uuid;
  throw new DomainError('NOT_FOUND', 'Nobody carries this identifier.');
}
