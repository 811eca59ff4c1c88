import { canonicalJson } from '../../kernel/json.ts';
import type { EarningRule, LeverValue, Program, ProgramDefinition, ProgramVersion } from '../program.ts';
import { leverAt, versionAt } from '../terms.ts';

export interface LeverSetting {
  readonly lever: string;
  /** Decimal text. */
  readonly value: string;
}

export interface Change {
  /** From when on it holds. */
  readonly from: Date;
  readonly levers: readonly LeverSetting[];
  /** In the place of whatever was published. */
  readonly draft: { readonly version: number; readonly definition: ProgramDefinition } | null;
  /** Takes rules that nobody was judged by as if everybody were eligible. Otherwise they grant nothing. */
  readonly segmentless: boolean;
}

/** A programme as it might have been. */
export interface Hypothesis {
  readonly program: Program;
  /** Rules of the draft with a condition that was never asked when touchpoints arrived. */
  readonly unjudged: readonly string[];
  /** Rules of which the budget, or what they want of it, may be another: see {@link Replay}. */
  readonly rebudgeted: readonly string[];
}

/** The programme's whole past, changed from an instant on: whatever came later of versions and turns is overruled. */
export function hypothesise(program: Program, change: Change): Hypothesis {
  const { from, levers, draft } = change;
  const unjudged = draft ? draft.definition.rules.filter((rule) => !wasJudged(rule, program)) : [];
  const versions = draft ? withDraft(program, judgeable(draft, unjudged, change), from) : program.versions;
  const turns = levers.map(({ lever, value }): LeverValue => ({ lever, value, effectiveAt: from, until: null }));
  const changed = { ...program, versions, leverValues: [...program.leverValues, ...turns] };
  return {
    program: changed,
    unjudged: unjudged.map(({ key }) => key),
    rebudgeted: rebudgeted(program, changed, change),
  };
}

/** The verdicts that are stored are about conditions of published versions. */
function wasJudged({ key, eligibility }: EarningRule, { versions }: Program): boolean {
  if (eligibility === null) return true;
  const asked = canonicalJson(eligibility.resolved);
  return versions.some(({ definition: { rules } }) =>
    rules.some((rule) => rule.key === key && rule.eligibility && canonicalJson(rule.eligibility.resolved) === asked),
  );
}

function judgeable(
  { version, definition }: NonNullable<Change['draft']>,
  unjudged: readonly EarningRule[],
  { segmentless, from }: Change,
): ProgramVersion {
  const rules = segmentless
    ? definition.rules.map((rule) => (unjudged.includes(rule) ? { ...rule, eligibility: null } : rule))
    : definition.rules.filter((rule) => !unjudged.includes(rule));
  return { version, effectiveAt: from, definition: { ...definition, rules } };
}

function withDraft({ versions }: Program, draft: ProgramVersion, from: Date): ProgramVersion[] {
  return [...versions.filter(({ effectiveAt }) => effectiveAt < from), draft];
}

/** Rules with a budget that say something else than before: directly, or by what they depend on. */
function rebudgeted(program: Program, changed: Program, { from, levers, draft }: Change): string[] {
  const before = versionAt(program, from)?.definition;
  const after = versionAt(changed, from)?.definition;
  if (!after) return [];
  const budgeted = after.rules.filter(({ budget }) => budget !== null);
  if (budgeted.length === 0) return [];
  const turned = levers.some(({ lever, value }) => !before || !isSame(program, before, { lever, value, from }));
  const rewritten = draft !== null && canonicalJson(before) !== canonicalJson(after);
  return turned || rewritten ? budgeted.map(({ key }) => key) : [];
}

/** Whether a lever has had this value ever since. */
function isSame(
  { leverValues }: Program,
  definition: ProgramDefinition,
  { lever, value, from }: LeverSetting & { from: Date },
): boolean {
  if (!definition.levers.some(({ key }) => key === lever)) return false;
  const edges = leverValues
    .filter((turn) => turn.lever === lever)
    .flatMap(({ effectiveAt, until }) => (until ? [effectiveAt, until] : [effectiveAt]))
    .filter((at) => at > from);
  return [from, ...edges].every((at) => Number(leverAt({ leverValues }, definition, { lever, at })) === Number(value));
}
