import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Context } from '../kernel/context.ts';

interface GrantOptions {
  readonly role: string;
  readonly passwordFile?: string;
  readonly pii?: boolean;
  readonly aggregates?: boolean;
  readonly timeout: number;
}

export function register(program: Command): void {
  const bi = program.command('bi').description('let BI tools read the views of the SQL schema bi');
  bi.command('grant')
    .description('let a role read them and nothing else; it is made if there is none. Again after each update')
    .option('--role <name>', 'the role', 'bi_reader')
    .option(
      '--password-file <path>',
      'let it log in with the password in this file; without, others can be made members of it',
    )
    .addOption(new Option('--pii', 'personal values, too').conflicts('aggregates'))
    .option('--aggregates', 'no view with rows of single customers: numbers about at least five only')
    .option('--timeout <seconds>', 'what a statement may take', readSeconds, 300)
    .action(grant);
  bi.command('revoke')
    .description('take these rights away again; the role stays, but can neither read nor log in')
    .option('--role <name>', 'the role', 'bi_reader')
    .action(revoke);
}

async function grant({ role, passwordFile, pii, aggregates, timeout }: GrantOptions): Promise<void> {
  const { grantBi } = await import('../kpis/exports/bi-roles.service.ts');
  const sight = aggregates ? 'AGGREGATES' : pii ? 'PERSONAL' : 'CUSTOMERS';
  const password = passwordFile === undefined ? null : await readPassword(passwordFile);
  await asOperator(async (ctx) => {
    const { created, login, views } = await grantBi(ctx, { role, password, sight, seconds: timeout });
    console.log(
      `${created ? 'Made the role' : 'The role'} "${role}"${created ? ', which' : ''} can read ${views.length} views:`,
    );
    for (const view of views) console.log(`  bi.${view}`);
    const { host, port, database } = ctx.pool.options;
    console.log(
      login
        ? `Connect with postgresql://${role}@${host[0]}:${port[0]}/${database} and its password.`
        : `It can't log in: make a user of yours a member of it (GRANT ${role} TO …), or give --password-file.`,
    );
  });
}

async function revoke({ role }: { role: string }): Promise<void> {
  const { revokeBi } = await import('../kpis/exports/bi-roles.service.ts');
  await asOperator(async (ctx) => {
    await revokeBi(ctx, role);
    console.log(`The role "${role}" can read nothing any more.`);
  });
}

/** The first line, as editors end files with a line break. */
async function readPassword(path: string): Promise<string> {
  const [{ readFile }, { StartupError }] = await Promise.all([
    import('node:fs/promises'),
    import('../kernel/startup-error.ts'),
  ]);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new StartupError(`The file ${path} can't be read (${error.code}).`);
  });
  return text.split(/\r?\n/)[0]!;
}

async function asOperator(work: (ctx: Context) => Promise<void>): Promise<void> {
  const [{ readConfig }, { withPlatform }, { operatorContext }, { StartupError }] = await Promise.all([
    import('../kernel/config.ts'),
    import('./platform.ts'),
    import('../access/operator.ts'),
    import('../kernel/startup-error.ts'),
  ]);
  await withPlatform(readConfig(), async (platform) => {
    await work(operatorContext(platform)).catch((error: unknown) => {
      if ((error as { code?: unknown }).code !== '42501') throw error;
      throw new StartupError(
        `The database user "${platform.pool.options.user}" may not make or change roles (${(error as Error).message}). It needs CREATEROLE; or let an administrator make the role first.`,
      );
    });
  });
}

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 86_400) return seconds;
  throw new InvalidArgumentError('Expected whole seconds from 1 to 86400.');
}
