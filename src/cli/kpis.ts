import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Config } from '../kernel/config.ts';
import type { Context, Platform } from '../kernel/context.ts';
import type { CalibrationReport } from '../kpis/models/calibration.service.ts';
import type { ModelKind } from '../kpis/models/fit-models.ts';
import type { KpiModelRow } from '../kpis/models/models.queries.ts';

const shown = 20;

export function register(program: Command): void {
  const kpis = program
    .command('kpis')
    .description('look after the KPIs of customers, and the models of what they will buy');
  kpis
    .command('fit')
    .description('fit a model to all purchases; one that converges is used for all predictions from now on')
    .addOption(kindOption())
    .option('--cut-off <day>', 'the last day whose purchases count, such as 2026-10-31; today when left out', readDay)
    .option('--keep', 'only store it: go on with the one in use')
    .action(fit);
  kpis.command('score').description('compare all customers now: RFM scores, ABC classes, predictions').action(score);
  kpis
    .command('verify')
    .description('prove that facts and KPIs are what touchpoints make of them; exit with 1 if anything differs')
    .action(verify);
  kpis
    .command('rebuild')
    .description('derive all facts of KPIs anew from the touchpoints; ingestion waits meanwhile')
    .action(rebuild);
  kpis
    .command('calibration')
    .description('hold a model against what happened: fit it up to a day, and compare what it predicts with what came')
    .requiredOption('--cut-off <day>', 'the last day that the model may know, such as 2026-06-30', readDay)
    .option('--until <day>', 'the last day that it is held against; today when left out', readDay)
    .option('--bins <number>', 'by how many numbers of repeats to tell customers apart', Number, 8)
    .addOption(kindOption())
    .action(calibrate);
}

function kindOption(): Option {
  return new Option('--kind <kind>', 'which model').choices(['BG_NBD', 'PARETO_NBD']).default('BG_NBD');
}

interface FitOptions {
  readonly kind: ModelKind;
  readonly cutOff?: string;
  readonly keep?: boolean;
}

async function fit({ kind, cutOff, keep = false }: FitOptions): Promise<void> {
  const { ModelFitter } = await import('../kpis/models/model-fitter.service.ts');
  await withModels(async (ctx, parts) => {
    const model = await new ModelFitter(parts).fit(ctx, { kind, cutOff, activate: !keep });
    await describeModel(model);
    if (model.status === 'NOT_CONVERGED') process.exitCode = 1;
  });
}

async function describeModel({ kind, version, detail, effectiveFrom }: KpiModelRow): Promise<void> {
  const { warningsOf } = await import('../kpis/models/model-warnings.ts');
  const sizes = `${detail.customers} customers up to ${detail.cutOffDay}, ${detail.repeaters} of whom have bought again`;
  console.log(`${kind}, version ${version}: ${sizes}.`);
  if (detail.reason === null)
    console.log(`  ${parametersText(detail.parameters)}; log-likelihood ${detail.logLikelihood!.toFixed(1)}`);
  else
    console.log(`  not converged: ${[detail.reason, ...detail.atBound].join(' ')}. It has no numbers and is not used.`);
  for (const { currency, parameters, reason } of detail.spends)
    console.log(`  ${currency}: ${reason === null ? parametersText(parameters) : `not converged: ${reason}`}`);
  for (const { message } of warningsOf(detail)) console.log(`  Note: ${message}`);
  if (effectiveFrom) console.log('It is used from now on.');
}

/** Such as `r 0.243, alpha 30.9 days`. */
function parametersText(parameters: Readonly<Record<string, number>>): string {
  const days = new Set(['alpha', 'beta']);
  return Object.entries(parameters)
    .map(([name, value]) => `${name} ${Number(value.toPrecision(6))}${days.has(name) ? ' days' : ''}`)
    .join(', ');
}

async function score(): Promise<void> {
  await withCustomers(async ({ ctx, scoring }) => {
    const { customers, moved, forecast } = await scoring.scoreCustomers(ctx);
    console.log(
      `${customers} customers scored: ${moved} have other scores, of ${forecast} the model says something else.`,
    );
  });
}

async function verify(): Promise<void> {
  const [{ verifyFacts }, { verifyAllCustomerKpis }] = await Promise.all([
    import('../kpis/facts/facts-verifier.service.ts'),
    import('../kpis/customers/customer-kpis-verifier.service.ts'),
  ]);
  await withCustomers(async ({ ctx, reader, book }) => {
    const facts = await verifyFacts(ctx.pool);
    for (const fact of facts.slice(0, shown)) console.log(`  ${JSON.stringify(fact)}`);
    const { customers, different, differences } = await verifyAllCustomerKpis(ctx.pool, { reader, book });
    for (const { customerId, column, stored, expected } of differences.slice(0, shown))
      console.log(`  ${customerId}${column === null ? '' : ` ${column}`}: expected ${expected}; stored ${stored}`);
    const found = facts.length === 0 ? 'facts are what touchpoints make of them' : 'facts differ from touchpoints';
    console.log(`${customers} customers compared: ${different} differ; ${found}.`);
    if (facts.length > 0 || different > 0) process.exitCode = 1;
  });
}

async function rebuild(): Promise<void> {
  const { rebuildFacts } = await import('../kpis/facts/facts-rebuild.service.ts');
  await withContext(async (ctx) => {
    await rebuildFacts(ctx);
    console.log('All facts of KPIs were derived anew.');
  });
}

interface CalibrateOptions {
  readonly cutOff: string;
  readonly until?: string;
  readonly bins: number;
  readonly kind: ModelKind;
}

async function calibrate(options: CalibrateOptions): Promise<void> {
  const { CalibrationService } = await import('../kpis/models/calibration.service.ts');
  await withModels(async (ctx, parts) => {
    printCalibration(await new CalibrationService(parts).calibrate(ctx, options));
  });
}

function printCalibration({ kind, cutOff, until, days, fit, calibration }: CalibrationReport): void {
  console.log(`${kind} of ${fit.customers} customers up to ${cutOff}, held against the ${days} days until ${until}.`);
  if (!calibration) {
    console.log(
      `It has not converged on the first part (${[fit.reason, ...fit.atBound].join(' ')}): it predicts nothing.`,
    );
    process.exitCode = 1;
    return;
  }
  console.log('repeats  customers  predicted     actual  (purchase days of each)');
  for (const { repeats, orMore, customers, predicted, actual } of calibration.bins) {
    const cells = [`${repeats}${orMore ? '+' : ' '}`.padStart(7), String(customers).padStart(11)];
    console.log([...cells, ...[predicted, actual].map((sum) => (sum / customers).toFixed(3).padStart(11))].join(''));
  }
  const { predicted, actual, meanAbsoluteError } = calibration;
  const error = meanAbsoluteError === null ? '' : `; off by ${meanAbsoluteError.toFixed(3)} a customer`;
  console.log(`In all ${predicted.toFixed(0)} predicted, ${actual} came${error}.`);
}

type Models = import('../kpis/models/model-fitter.service.ts').ModelFitterParts;

async function withModels(work: (ctx: Context, parts: Models) => Promise<void>): Promise<void> {
  const { ModelThreads } = await import('../kpis/models/model-threads.ts');
  await withContext((ctx, { timeZone }) => work(ctx, { threads: new ModelThreads(), timeZone }));
}

interface Desk {
  readonly ctx: Context;
  readonly reader: import('../kpis/customers/history-reader.service.ts').HistoryReader;
  readonly book: import('../kpis/settings/kpi-book.service.ts').KpiBook;
  readonly scoring: import('../kpis/customers/scoring.service.ts').Scoring;
}

async function withCustomers(work: (desk: Desk) => Promise<void>): Promise<void> {
  await withContext(async (ctx, config) => work({ ctx, ...(await openDesk(ctx, config)) }));
}

async function openDesk(platform: Platform, config: Config): Promise<Omit<Desk, 'ctx'>> {
  const [{ createEngines }, { CurrentRules }, { Observer }, { Scoring }, { onKpisMoved }] = await Promise.all([
    import('../server/engines.ts'),
    import('../identity/current-rules.service.ts'),
    import('../kpis/customers/observer.service.ts'),
    import('../kpis/customers/scoring.service.ts'),
    import('../segments/segment-reactions.service.ts'),
  ]);
  const rules = new CurrentRules();
  await rules.reload(platform.pool);
  const { evaluator, book: programs, kpis } = createEngines(config, { ids: platform.ids, rules });
  const { book, reader } = kpis;
  const observer = new Observer({ book, programs, compilers: evaluator.compilers });
  return { book, reader, scoring: new Scoring({ book, reader, observer, reactions: [onKpisMoved(evaluator)] }) };
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

function readDay(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return text;
  throw new InvalidArgumentError('Expected a day such as 2026-10-31.');
}
