import type { LifecycleCondition } from '../../conditions/condition.ts';
import { checkDuration, shift } from '../../conditions/duration.ts';
import type { CustomerFacts } from '../../conditions/facts.ts';
import { abcClasses, lifecycleStages, riskBands } from '../../conditions/kpi-names.ts';
import type { Finding, LeafKind } from '../../conditions/leaf-kind.ts';
import type { Moment } from '../../conditions/moment.ts';
import { checkNames, checkOnly } from '../../conditions/name.ts';
import { badInput } from '../../kernel/errors.ts';
import type { LifecycleFacts } from './kpi-facts.ts';

const tests = ['stages', 'riskBands', 'rfmSegments', 'abcClasses'] as const;

/** Where the customer is in their life cycle, and what that goes with. */
export const lifecycleLeaf: LeafKind<'lifecycle'> = {
  name: 'lifecycle',
  check: (given, field) => {
    const test = checkOnly(given, tests, field);
    const checked = checkTest(given, test, `${field}.${test}`);
    if (given.inStageFor == null) return checked;
    if (test !== 'stages') throw badInput('`inStageFor` is for `stages`.', `${field}.inStageFor`);
    return { ...checked, inStageFor: checkDuration(given.inStageFor, `${field}.inStageFor`) };
  },
  needs: () => ({ kpis: true, identity: true }),
  cost: () => 2,
  judge: (leaf, facts, moment) => {
    const known = (facts.further.get('lifecycle') ?? nothing) as unknown as LifecycleFacts;
    if (leaf.riskBands) return judgeOne(leaf.riskBands, known.band);
    if (leaf.rfmSegments) return judgeOne(leaf.rfmSegments, known.rfmSegment);
    if (leaf.abcClasses) return judgeOne(leaf.abcClasses, known.abcClass);
    return judgeStage(leaf, known, { facts, moment });
  },
};

const nothing: LifecycleFacts = { stage: null, since: null, band: null, rfmSegment: null, abcClass: null };

function checkTest(given: LifecycleCondition, test: (typeof tests)[number], field: string): LifecycleCondition {
  switch (test) {
    case 'stages':
      return { stages: checkAmong(given.stages!, lifecycleStages, field) };
    case 'riskBands':
      return { riskBands: checkAmong(given.riskBands!, riskBands, field) };
    case 'abcClasses':
      return { abcClasses: checkAmong(given.abcClasses!, abcClasses, field) };
    case 'rfmSegments':
      return { rfmSegments: checkNames(given.rfmSegments!, field) };
  }
}

function checkAmong<Name extends string>(given: readonly Name[], known: readonly Name[], field: string): Name[] {
  const names = checkNames(given, field) as Name[];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return names;
  throw badInput(`Expected ${known.join(', ')}; got ${JSON.stringify(unknown)}.`, field);
}

function judgeOne(names: readonly string[], found: string | null): Finding {
  return { verdict: found !== null && names.includes(found), found };
}

/** Who is anonymous has no stage stored. */
function judgeStage(
  { stages, inStageFor }: LifecycleCondition,
  known: LifecycleFacts,
  { facts, moment }: { readonly facts: CustomerFacts; readonly moment: Moment },
): Finding {
  const stage = known.stage ?? (facts.identified ? null : 'ANONYMOUS');
  const since = known.since ?? facts.firstSeenAt.getTime();
  const latest = inStageFor ? shift(moment.now, inStageFor, -1).getTime() : Number.POSITIVE_INFINITY;
  const verdict = stage !== null && stages!.includes(stage) && since <= latest;
  return { verdict, found: stage === null ? null : { stage, since: new Date(since).toISOString() } };
}
