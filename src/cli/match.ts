import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { RunRow } from '../identity/matching/match-runs.queries.ts';
import type { MatchingJob } from '../identity/matching/matching-job.service.ts';
import type { Config } from '../kernel/config.ts';
import type { Context, Platform } from '../kernel/context.ts';

const pollMs = 300;

export function register(program: Command): void {
  const match = program.command('match').description('find records that may be one person by what they say');
  match
    .command('train')
    .description('learn a new model from all records')
    .option('--activate', 'use it at once, and match all records by it')
    .action(train);
  match
    .command('run')
    .description('match all records by the model in use')
    .option('--model <version>', 'use this model from now on', Number)
    .action(runAll);
  match.command('status').description('say how matching is, and list the models').action(showStatus);
}

async function train({ activate = false }: { activate?: boolean }): Promise<void> {
  const service = await import('../identity/matching/match.service.ts');
  await working(async (ctx) => {
    const run = await follow(ctx, await service.requestTraining(ctx, { activate }));
    console.log(`Model ${run.modelVersion} has learned from ${count(run.result?.records)} records.`);
    if (!activate) console.log(`To use it: rundum match run --model ${run.modelVersion}`);
    else await followNext(ctx);
  });
}

async function runAll({ model }: { model?: number }): Promise<void> {
  const service = await import('../identity/matching/match.service.ts');
  await working(async (ctx) => {
    const run =
      model === undefined
        ? await service.requestMatchRun(ctx, {})
        : (await service.activateMatchModel(ctx, { version: model })).run;
    report(await follow(ctx, run));
  });
}

async function showStatus(): Promise<void> {
  const [service, { readConfig }, { withPlatform }, { operatorContext }] = await Promise.all([
    import('../identity/matching/match.service.ts'),
    import('../kernel/config.ts'),
    import('./platform.ts'),
    import('../access/operator.ts'),
  ]);
  await withPlatform(readConfig(), async (platform) => {
    const ctx = operatorContext(platform);
    const { activeModel, lagSeconds, isComplete, currentRun, pending } = await service.readMatchingStatus(ctx);
    if (activeModel) {
      const state = isComplete ? `changes are followed, ${Math.round(lagSeconds ?? 0)} s behind` : 'a run is needed';
      console.log(
        `Model ${activeModel.version} is in use; ${state}. ${count(pending)} candidates wait for a decision.`,
      );
    } else {
      console.log('No model is in use: "rundum match train --activate" makes one.');
    }
    if (currentRun) console.log(`${currentRun.kind} ${currentRun.status}: ${describe(currentRun)}`);
    for (const { version, active, createdAt, createdBy, model } of await service.listMatchModels(ctx, 20)) {
      const made = `${createdAt.toISOString().slice(0, 16).replace('T', ' ')} UTC by ${createdBy}`;
      console.log(`model ${version}${active ? ' (in use)' : ''}  ${made}  ${count(model.facts.records)} records`);
    }
  });
}

/** Asks for work, and helps to do it: a server that runs may be quicker, or there is none. */
async function working(work: (ctx: Context) => Promise<void>): Promise<void> {
  const [{ readConfig }, { withPlatform }, { operatorContext }] = await Promise.all([
    import('../kernel/config.ts'),
    import('./platform.ts'),
    import('../access/operator.ts'),
  ]);
  const config = readConfig();
  await withPlatform(config, async (platform) => {
    const job = await openJob(platform, config);
    job.start();
    try {
      await work(operatorContext(platform));
    } finally {
      await job.stop();
    }
  });
}

async function openJob(platform: Platform, config: Config): Promise<MatchingJob> {
  const [{ MatchingJob }, { MatchDecisionService }, { CurrentRules }, engines, { loadIdSecret }] = await Promise.all([
    import('../identity/matching/matching-job.service.ts'),
    import('../identity/matching/match-decisions.service.ts'),
    import('../identity/current-rules.service.ts'),
    import('../server/engines.ts'),
    import('../kernel/settings.queries.ts'),
  ]);
  const rules = new CurrentRules();
  await rules.reload(platform.pool);
  const idSecret = await loadIdSecret(platform.pool);
  const reactions = engines.regroupingReactions(engines.createEngines(config, { ids: platform.ids, rules }));
  const { defaultRegion } = config;
  const decisions = new MatchDecisionService({ idSecret, defaultRegion, rules, reactions });
  return new MatchingJob(platform, decisions, { pollMs });
}

/** Shows how far a run is, until it ends. Throws with its reason if it fails. */
async function follow(ctx: Context, { id }: RunRow): Promise<RunRow> {
  const [{ findMatchRun }, { StartupError }] = await Promise.all([
    import('../identity/matching/match.service.ts'),
    import('../kernel/startup-error.ts'),
  ]);
  let shown = '';
  for (;;) {
    const run = (await findMatchRun(ctx, id))!;
    if (run.status === 'FAILED') throw new StartupError(`The run has failed: ${run.error}`);
    if (run.status === 'SUCCEEDED') return run;
    const line = describe(run);
    if (line !== shown) console.error(line);
    shown = line;
    await sleep(pollMs);
  }
}

/** The run that a training has asked for. */
async function followNext(ctx: Context): Promise<void> {
  const { listMatchRuns } = await import('../identity/matching/match.service.ts');
  const runs = await listMatchRuns(ctx, 20);
  const next = runs.findLast(({ kind, status }) => kind === 'MATCH' && (status === 'QUEUED' || status === 'RUNNING'));
  const latest = next ?? runs.find(({ kind }) => kind === 'MATCH');
  if (latest) report(await follow(ctx, latest));
}

function report({ modelVersion, result }: RunRow): void {
  const { records, pairs, linked, proposed, withdrawn } = result ?? {};
  console.log(
    `Model ${modelVersion} has compared ${count(records)} records: ${count(pairs)} pairs are likely. ` +
      `Newly linked ${count(linked)}, proposed ${count(proposed)}, taken back ${count(withdrawn)}.`,
  );
}

function describe({ phase, done, total }: RunRow): string {
  if (total === null || total === 0) return phase;
  return `${phase}: ${Math.floor((100 * done) / total)} %`;
}

function count(value: unknown): string {
  return typeof value === 'number' ? value.toLocaleString('en') : '0';
}
