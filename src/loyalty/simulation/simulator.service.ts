import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import type { Tx } from '../../kernel/database.ts';
import { badInput, DomainError, notFound } from '../../kernel/errors.ts';
import { toPublicId } from '../../kernel/ids.ts';
import { Calendar } from '../earning/calendar.ts';
import type { Program } from '../program.ts';
import type { ProgramBook } from '../programs/program-book.service.ts';
import { orTooSlow } from '../reports/reading.service.ts';
import { type Terms, termsAt } from '../terms.ts';
import { Budgets } from './budgets.ts';
import { Comparison, type Findings } from './comparison.ts';
import type { SampleSize } from './estimate.ts';
import { checkLevers, checkPeriod, checkSample } from './given-simulation.ts';
import { isForMembersOnly, questionOf } from './history-question.ts';
import { type Hypothesis, hypothesise, type LeverSetting } from './hypothesis.ts';
import { prepareLongRead } from './long-read.queries.ts';
import { countSample, findBudgetsGiven, type HistoryQuestion } from './member-history.queries.ts';
import type { MemberHistory } from './member-history.ts';
import { type Period, Replay } from './replay.ts';
import { findVersion } from './simulation.queries.ts';
import { streamMembers } from './stream-members.service.ts';

export interface SimulationInput {
  /** UUID. */
  readonly programId: string;
  readonly from: Date;
  readonly to: Date;
  readonly levers?: readonly LeverSetting[] | null;
  readonly draftVersion?: number | null;
  /** Which part of the customers, above 0 and up to 1. Null: all. */
  readonly sample?: number | null;
  readonly segmentless?: boolean | null;
}

export interface Simulation extends Findings, Pick<Hypothesis, 'unjudged' | 'rebudgeted'> {
  readonly programId: string;
  readonly period: Period;
  readonly size: SampleSize;
  readonly touchpoints: number;
  /** What the programme says at the end of the period. */
  readonly baselineTerms: Terms | undefined;
  readonly changedTerms: Terms;
}

export interface SimulatorLimits {
  /** Of the whole; then it is given up. */
  readonly seconds: number;
  /** How often the log says how far it is. */
  readonly logEverySeconds: number;
}

const defaults: SimulatorLimits = { seconds: 300, logEverySeconds: 10 };

/**
 * Finds out what a programme would have granted, had its levers been others: by replaying what members did. One at a time
 * on a node, as it takes one of its processors.
 */
export class LeverSimulator {
  readonly #book: ProgramBook;
  readonly #calendar: Calendar;
  readonly #limits: SimulatorLimits;
  #running: AbortController | undefined;

  constructor(book: ProgramBook, timeZone: string, limits: Partial<SimulatorLimits> = {}) {
    this.#book = book;
    this.#calendar = new Calendar(timeZone);
    this.#limits = { ...defaults, ...limits };
  }

  /** Everything is of one moment. Throws `OVERLOADED` while another one runs, and `STATEMENT_TOO_SLOW`. */
  async simulate(ctx: Context, input: SimulationInput, signal?: AbortSignal): Promise<Simulation> {
    requireScope(ctx, 'loyalty:manage');
    const period = checkPeriod(input, ctx.clock.now());
    const sample = checkSample(input.sample);
    if (this.#running) {
      throw new DomainError('OVERLOADED', 'Another simulation is running on this node: try again when it has ended.');
    }
    const running = new AbortController();
    this.#running = running;
    try {
      return await this.#simulate(ctx, input, {
        period,
        sample,
        signal: signal ? AbortSignal.any([signal, running.signal]) : running.signal,
      });
    } finally {
      this.#running = undefined;
    }
  }

  /** Gives up what is running: the node stops. */
  stop(): void {
    this.#running?.abort(new DomainError('SERVICE_UNAVAILABLE', 'The server is stopping.'));
  }

  async #simulate(ctx: Context, input: SimulationInput, run: Run): Promise<Simulation> {
    const program = (await this.#book.current(ctx.pool)).find(({ id }) => id === input.programId);
    if (!program) throw notFound('published programme', toPublicId('prg', input.programId));
    const hypothesis = await this.#hypothesis(ctx, program, { input, period: run.period });
    return ctx.pool
      .begin('isolation level repeatable read read only', (tx) => this.#replay(tx, ctx, { program, hypothesis, run }))
      .catch((error: unknown) => {
        throw orTooSlow(error, 'This simulation', 'Give a `sample`, such as 0.1, or a shorter history.');
      });
  }

  async #hypothesis(
    ctx: Context,
    program: Program,
    { input, period }: { input: SimulationInput; period: Period },
  ): Promise<Hypothesis> {
    const { draftVersion = null, segmentless } = input;
    const draft = draftVersion === null ? null : await findVersion(ctx.pool, program.id, draftVersion);
    if (draft === undefined) throw badInput(`The programme has no version ${draftVersion}.`, 'input.draftVersion');
    const levers = checkLevers(input.levers ?? [], { program, draft, period });
    if (draft === null && !termsAt(program, period.to)) {
      throw badInput('No version of the programme was in force by then.', 'input.to');
    }
    return hypothesise(program, { from: period.from, levers, draft, segmentless: segmentless === true });
  }

  async #replay(tx: Tx, ctx: Context, { program, hypothesis, run }: Task): Promise<Simulation> {
    await prepareLongRead(tx, this.#limits.seconds);
    const { period } = run;
    const changedTerms = termsAt(hypothesis.program, period.to)!;
    const programs = [program, hypothesis.program];
    const of = { programId: program.id, membersOnly: isForMembersOnly(programs), sample: run.sample };
    const size = await countSample(tx, of);
    const question: HistoryQuestion = {
      programId: program.id,
      before: period.to,
      ...questionOf(programs),
      lots: 'DECISION',
      standings: false,
      of,
    };
    const settings = { calendar: this.#calendar, period };
    const budgets = await findBudgets(tx, hypothesis, {
      period,
      share: size.total === 0 ? 1 : size.sampled / size.total,
    });
    const before = new Replay({ ...settings, program });
    const after = new Replay({ ...settings, program: hypothesis.program, budgets });
    const comparison = new Comparison(period, partnersOf(programs));
    let touchpoints = 0;
    const report = this.#reporter(ctx, size);
    const each = (history: MemberHistory) => {
      touchpoints += history.facts.length;
      comparison.add(history.facts, before.play(history), after.play(history));
      report(touchpoints);
    };
    await streamMembers(tx, question, { each, signal: run.signal });
    const { unjudged, rebudgeted } = hypothesis;
    return {
      ...comparison.findings(size),
      ...{ programId: program.id, period, size, touchpoints, unjudged, rebudgeted, changedTerms },
      baselineTerms: termsAt(program, period.to),
    };
  }

  /** Says now and then how far it is. */
  #reporter({ log }: Context, { sampled }: SampleSize): (touchpoints: number) => void {
    let next = performance.now() + this.#limits.logEverySeconds * 1000;
    let members = 0;
    return (touchpoints) => {
      members += 1;
      if (performance.now() < next) return;
      next = performance.now() + this.#limits.logEverySeconds * 1000;
      log.info({ members, of: sampled, touchpoints }, 'simulation under way');
    };
  }
}

interface Run {
  readonly period: Period;
  readonly sample: number;
  readonly signal: AbortSignal;
}

interface Task {
  readonly program: Program;
  readonly hypothesis: Hypothesis;
  readonly run: Run;
}

async function findBudgets(
  tx: Tx,
  { program, rebudgeted }: Hypothesis,
  { period, share }: { period: Period; share: number },
): Promise<Budgets | undefined> {
  if (rebudgeted.length === 0) return undefined;
  const terms = termsAt(program, period.from)!;
  const given = await findBudgetsGiven(tx, { programId: program.id, before: period.from, rules: rebudgeted });
  const left = rebudgeted.map((key) => {
    const { budget } = terms.definition.rules.find((rule) => rule.key === key)!;
    const open = BigInt(terms.setting(budget!)) - (given.get(key) ?? 0n);
    return [key, open > 0n ? BigInt(Math.round(Number(open) * share)) : 0n] as const;
  });
  return new Budgets(new Map(left), period.from);
}

/** By the latest version that has the rule. */
function partnersOf(programs: readonly Program[]): (rule: string) => boolean {
  const rules = programs.flatMap(({ versions }) => versions.flatMap(({ definition }) => definition.rules));
  const partners = new Map(rules.map(({ key, partner }) => [key, partner !== null]));
  return (rule) => partners.get(rule) ?? false;
}
