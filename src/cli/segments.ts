import type { Command } from 'commander';
import type { Platform } from '../kernel/context.ts';
import type { SegmentDifference } from '../segments/segment-verifier.service.ts';

export function register(program: Command): void {
  const segments = program.command('segments').description('look after the members of segments');
  segments
    .command('verify')
    .description('compare the members of every segment with what its definition selects; exit with 1 if they differ')
    .action(verify);
  segments
    .command('rebuild')
    .description('the same, and evaluate everybody anew for the segments that differ')
    .action(rebuild);
}

async function verify(): Promise<void> {
  await withSegments(async ({ check }) => {
    if ((await check()).length > 0) process.exitCode = 1;
  });
}

async function rebuild(): Promise<void> {
  await withSegments(async ({ check, mend }) => {
    const differing = await check();
    for (const { segmentId } of differing) await mend(segmentId);
    if (differing.length > 0) console.log(`${differing.length} rebuilt.`);
  });
}

interface Desk {
  /** Prints and answers the segments that differ. */
  check(): Promise<readonly SegmentDifference[]>;
  mend(segmentId: string): Promise<void>;
}

async function withSegments(work: (desk: Desk) => Promise<void>): Promise<void> {
  const [{ readConfig }, { withPlatform }, { createEngines }, { CurrentRules }] = await Promise.all([
    import('../kernel/config.ts'),
    import('./platform.ts'),
    import('../server/engines.ts'),
    import('../identity/current-rules.service.ts'),
  ]);
  const config = readConfig();
  await withPlatform(config, async (platform) => {
    const { evaluator } = createEngines(config, { ids: platform.ids, rules: new CurrentRules() });
    await work(await openDesk(platform, evaluator));
  });
}

async function openDesk(platform: Platform, evaluator: Evaluator): Promise<Desk> {
  const [{ verifySegments }, { SegmentBuilder }, { SegmentService }, { operatorContext }] = await Promise.all([
    import('../segments/segment-verifier.service.ts'),
    import('../segments/segment-builder.service.ts'),
    import('../segments/segment.service.ts'),
    import('../access/operator.ts'),
  ]);
  const builder: InstanceType<typeof SegmentBuilder> = new SegmentBuilder(platform, evaluator, {
    onServed: (tx, version, now) => service.followServed(tx, version, now),
  });
  const service = new SegmentService(evaluator, builder);
  return {
    async check() {
      const { segments, members, differences } = await verifySegments(platform, evaluator);
      for (const difference of differences) console.log(describe(difference));
      console.log(`${segments} segments with ${members} members compared: ${differences.length} differ.`);
      return differences;
    },
    async mend(segmentId) {
      await service.rebuild(operatorContext(platform), segmentId);
      await builder.finish();
    },
  };
}

type Evaluator = import('../segments/segment-evaluator.service.ts').SegmentEvaluator;

function describe({ name, missing, extra }: SegmentDifference): string {
  return `${JSON.stringify(name)}: ${missing.length} customers are missing, ${extra.length} should not be in it.`;
}
