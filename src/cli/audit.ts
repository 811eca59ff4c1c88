import { once } from 'node:events';
import { type Command, InvalidArgumentError } from 'commander';
import type { AuditProof } from '../access/audit-proof.service.ts';
import type { Context } from '../kernel/context.ts';

/** Of each kind of damage. */
const shown = 20;

interface ExportOptions {
  readonly action?: string;
  readonly from?: Date;
  readonly to?: Date;
}

export function register(program: Command): void {
  const audit = program.command('audit').description('prove and export the audit log');
  audit
    .command('head')
    .description('print the head of the hash chain: keep it outside of the database, for verify --expect-head')
    .action(printHead);
  audit
    .command('verify')
    .description('prove that the log is what was written; exit with 1 if anything was changed, removed or added')
    .option('--expect-head <hash...>', 'a head that was printed before and must be in the chain; several are fine')
    .action(verify);
  audit
    .command('export')
    .description('print the log as NDJSON, one entry with its seal a line, in the order of the chain')
    .option('--action <action>', 'only this action, or all that begin with it: key, key.rotated')
    .option('--from <instant>', 'only what was done at this instant or later: 2027-01-31T18:00:00Z', readInstant)
    .option('--to <instant>', 'only what was done before this instant', readInstant)
    .action(exportLog);
}

async function printHead(): Promise<void> {
  const { getAuditHead } = await import('../access/audit-proof.service.ts');
  await asOperator(async (ctx) => {
    const { position, hash, sealedAt } = await getAuditHead(ctx);
    // The hash alone on standard output, so that it can be piped to where it is kept.
    console.error(sealedAt ? `position ${position}, sealed ${sealedAt.toISOString()}` : 'The log is empty.');
    console.log(hash.toString('hex'));
  });
}

async function verify({ expectHead = [] }: { expectHead?: string[] }): Promise<void> {
  const { verifyAudit } = await import('../access/audit-proof.service.ts');
  const { auditDamages } = await import('../access/audit-check.ts');
  await asOperator(async (ctx) => {
    const proof = await verifyAudit(ctx, { heads: expectHead });
    for (const line of describeProof(proof, auditDamages)) console.log(line);
    if (proof.found > 0) process.exitCode = 1;
  });
}

/** What was found, for a person to read. */
export function describeProof(
  { head, problems, found }: AuditProof,
  sentences: Readonly<Record<AuditProof['problems'][number]['damage'], string>>,
): string[] {
  const lines: string[] = [];
  for (const [damage, those] of Map.groupBy(problems, (problem) => problem.damage)) {
    lines.push(`${sentences[damage]}:`, ...those.slice(0, shown).map(({ what }) => `  ${what}`));
    if (those.length > shown) lines.push(`  … and ${those.length - shown} more`);
  }
  lines.push(`${head.position} entries sealed, ${found} problems. Head: ${head.hash.toString('hex')}`);
  return lines;
}

async function exportLog({ action, from, to }: ExportOptions): Promise<void> {
  const { exportAudit } = await import('../access/audit-proof.service.ts');
  const { linkLine } = await import('../access/audit-export.ts');
  await asOperator(async (ctx) => {
    for await (const link of exportAudit(ctx, { action, from, to })) {
      // A slow reader of a pipe must not make us hold the log.
      if (!process.stdout.write(`${linkLine(link)}\n`)) await once(process.stdout, 'drain');
    }
  });
}

async function asOperator(work: (ctx: Context) => Promise<void>): Promise<void> {
  const [{ readConfig }, { withPlatform }, { operatorContext }] = await Promise.all([
    import('../kernel/config.ts'),
    import('./platform.ts'),
    import('../access/operator.ts'),
  ]);
  await withPlatform(readConfig(), (platform) => work(operatorContext(platform)));
}

function readInstant(text: string): Date {
  const at = new Date(text);
  if (/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d))?$/.test(text) && Number.isFinite(at.getTime())) return at;
  throw new InvalidArgumentError('Give an instant such as 2027-01-31T18:00:00Z, or a day.');
}
