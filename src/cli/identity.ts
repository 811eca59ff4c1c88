import { type Command, InvalidArgumentError } from 'commander';

interface RebuildOptions {
  readonly verify?: boolean;
  readonly show: number;
}

export function register(program: Command): void {
  const identity = program.command('identity').description('look after who is who');
  identity
    .command('rebuild')
    .description('work out anew, from the facts alone, who is who and what customers add up to; mend what differs')
    .option('--verify', 'only compare: print the differences, and exit with 1 if there are any')
    .option('--show <count>', 'print so many differences at most; all are counted', readCount, 50)
    .action(rebuild);
}

function readCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 0) return count;
  throw new InvalidArgumentError('Give a number such as 50.');
}

async function rebuild({ verify = false, show }: RebuildOptions): Promise<void> {
  const [{ readConfig }, { withPlatform }, { operatorContext }, { rebuildIdentity }, { RebuildReport }] =
    await Promise.all([
      import('../kernel/config.ts'),
      import('./platform.ts'),
      import('../access/operator.ts'),
      import('../server/identity-rebuild.ts'),
      import('./rebuild-report.ts'),
    ]);
  const config = readConfig();
  await withPlatform(config, async (platform) => {
    const report = new RebuildReport(show);
    const options = { verify, timeZone: config.timeZone };
    await rebuildIdentity(operatorContext(platform), report, options).finally(() => report.stop());
    for (const line of report.summary(verify ? 'verify' : 'rebuild')) console.log(line);
    if (verify && report.total > 0) process.exitCode = 1;
  });
}
