import { type Command, InvalidArgumentError } from 'commander';
import type { LedgerDifference } from '../loyalty/reports/ledger-difference.ts';

const shown = 20;

export function register(program: Command): void {
  const loyalty = program.command('loyalty').description('look after the loyalty ledger');
  loyalty
    .command('verify')
    .description('prove that the ledger is what touchpoints and decisions make of it; exit with 1 if anything differs')
    .option('--sample <part>', 'fold only this part of the members anew, such as 0.1', readPart)
    .action(verify);
}

async function verify({ sample }: { sample?: number }): Promise<void> {
  const [{ readConfig }, { withPlatform }, { verifyLedger }, { ledgerChecks }] = await Promise.all([
    import('../kernel/config.ts'),
    import('./platform.ts'),
    import('../loyalty/reports/ledger-verifier.service.ts'),
    import('../loyalty/reports/ledger-difference.ts'),
  ]);
  const config = readConfig();
  await withPlatform(config, async (platform) => {
    const found = await verifyLedger(platform, { timeZone: config.timeZone, sample });
    const { postings, lots, accounts, members, allocated, folded, totals, differences } = found;
    for (const [kind, total] of totals) {
      if (total === 0) continue;
      console.log(`It does not hold that ${ledgerChecks[kind]}: ${total} differences.`);
      for (const difference of differences.filter((one) => one.kind === kind).slice(0, shown)) {
        console.log(`  ${describe(difference)}`);
      }
    }
    const differing = [...totals.values()].reduce((sum, one) => sum + one, 0);
    console.log(
      `${postings} postings, ${lots} lots, ${accounts} accounts and ${members} members compared, ${allocated} accounts allocated ` +
        `and ${folded} members folded anew: ${differing} differences.`,
    );
    if (differing > 0) process.exitCode = 1;
  });
}

function describe({ record, expected, stored }: LedgerDifference): string {
  return `${record}: expected ${expected}; stored ${stored}`;
}

function readPart(text: string): number {
  const part = Number(text);
  if (part > 0 && part <= 1) return part;
  throw new InvalidArgumentError('Expected a part above 0 and up to 1.');
}
