import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import type { Tx } from '../../kernel/database.ts';
import { badInput, notFound } from '../../kernel/errors.ts';
import { toPublicId } from '../../kernel/ids.ts';
import type { CurrentRules, RulesInForce } from '../current-rules.service.ts';
import type { ActiveDecision } from '../decision.ts';
import { type DecisionRow, findActiveDecisions, listDecisionsAbout } from '../decisions.queries.ts';
import { findNeighbourhood, findRecords, type RecordState } from '../identity.queries.ts';
import { listRegroupingsOf, type RegroupingRow } from '../regroupings.queries.ts';
import { type IdentityRule, type IdentityRules, ruleFor } from '../rules.ts';
import { findAllClaims } from './explanation.queries.ts';
import {
  type ExplainedClaim,
  findPaths,
  type Path,
  type PathStep,
  resolveTold,
  type UnusedClaim,
  unusedClaims,
} from './explanation.ts';
import { findRefusedAround, type RefusedLinkRow } from './steward.queries.ts';

/** What one list of an explanation shows at most. */
const mostOfEach = 200;
/** Steps of all paths together. */
const mostSteps = 2_000;

export const explainedParts = ['RECORDS', 'PATHS', 'REFUSED', 'UNUSED', 'DECISIONS', 'REGROUPINGS'] as const;
export type ExplainedPart = (typeof explainedParts)[number];

/** A step with what is known of its evidence. */
export interface ExplainedStep extends PathStep {
  /** The rule of the identifier; null for a decision. */
  readonly rule: IdentityRule | null;
  readonly since: Date;
  readonly touchpointIds: readonly string[];
}

export interface ExplainedPath extends Path {
  readonly steps: readonly ExplainedStep[];
}

/** Why a customer's records are theirs, and what was decided about them. */
export interface Explanation {
  readonly customerId: string;
  readonly rules: RulesInForce;
  /** The records, the oldest first; the first founds the customer. */
  readonly recordIds: readonly string[];
  readonly recordCount: number;
  /** Records that the decision about them looked at. */
  readonly neighbourhood: number;
  /** Nothing waits for changed rules: who is who is what the evidence says. */
  readonly settled: boolean;
  readonly paths: readonly ExplainedPath[];
  readonly refused: readonly RefusedLinkRow[];
  readonly unused: readonly UnusedClaim[];
  readonly decisions: readonly DecisionRow[];
  readonly regroupings: readonly RegroupingRow[];
  /** Parts of which there is more than is shown. */
  readonly truncated: readonly ExplainedPart[];
}

export interface ExplainInput {
  /** UUIDs. The customer's may be any that they ever had. */
  readonly customerId: string;
  readonly from?: string | null;
  readonly to?: string | null;
}

/** Tells why records are one customer by deciding it anew, from the evidence as it is now. */
export class IdentityExplainer {
  readonly #rules: CurrentRules;

  constructor(rules: CurrentRules) {
    this.#rules = rules;
  }

  /** A constant number of statements, all of one moment. Throws `NOT_FOUND` for nobody's id. */
  async explain(ctx: Context, input: ExplainInput): Promise<Explanation> {
    requireScope(ctx, 'identity:read');
    const rules = await this.#rules.reload(ctx.pool);
    const known = await ctx.pool.begin('isolation level repeatable read read only', (tx) => readKnown(tx, input));
    const { customerId, members, claims, history, refused } = known;
    const resolution = resolveTold(known, rules.rules);
    const ids = new Set(members.map(({ id }) => id));
    const { from, targets } = chooseEnds(input, members);
    const shown = targets.slice(0, mostOfEach);
    const { paths, complete } = findPaths(resolution.joined, from, { to: shown, most: mostSteps });
    const unused = unusedClaims(claims, { members: ids, resolution, rules: rules.rules });
    const lists = {
      RECORDS: members.map(({ id }) => id),
      PATHS: paths,
      REFUSED: refused,
      UNUSED: unused,
      DECISIONS: history.decisions,
      REGROUPINGS: history.regroupings,
    };
    const more = { PATHS: !complete || shown.length < targets.length };
    return {
      customerId,
      rules,
      recordIds: lists.RECORDS.slice(0, mostOfEach),
      recordCount: members.length,
      neighbourhood: known.records.length,
      settled: known.records.every(({ id, customerId: owner }) => (resolution.customerOf.get(id) ?? null) === owner),
      paths: explainPaths(paths, known, rules.rules),
      refused: refused.slice(0, mostOfEach),
      unused: unused.slice(0, mostOfEach),
      decisions: history.decisions.slice(0, mostOfEach),
      regroupings: history.regroupings.slice(0, mostOfEach),
      truncated: explainedParts.filter((part) => (part === 'PATHS' ? more.PATHS : lists[part].length > mostOfEach)),
    };
  }
}

interface Known {
  readonly customerId: string;
  /** Everybody whom the evidence around the customer can concern. */
  readonly records: readonly RecordState[];
  /** The customer's own, in order of foundation. */
  readonly members: readonly RecordState[];
  readonly claims: readonly ExplainedClaim[];
  readonly decisions: readonly ActiveDecision[];
  readonly refused: readonly RefusedLinkRow[];
  readonly history: { readonly decisions: readonly DecisionRow[]; readonly regroupings: readonly RegroupingRow[] };
}

async function readKnown(tx: Tx, { customerId: asked }: ExplainInput): Promise<Known> {
  const [own] = await findRecords(tx, [asked]);
  const customerId = own?.customerId;
  if (!customerId) throw notFound('customer', toPublicId('cus', asked));
  const neighbourhood = await findNeighbourhood(tx, { recordIds: [customerId], identifierIds: [] });
  const records = await findRecords(tx, neighbourhood);
  const members = records.filter((record) => record.customerId === customerId).sort(byFoundation);
  const memberIds = members.map(({ id }) => id);
  const limit = mostOfEach + 1;
  const [claims, active, refused, decisions, regroupings] = await Promise.all([
    findAllClaims(tx, neighbourhood),
    findActiveDecisions(tx, neighbourhood),
    findRefusedAround(tx, neighbourhood, { members: memberIds, limit }),
    listDecisionsAbout(tx, memberIds, limit),
    listRegroupingsOf(tx, memberIds, limit),
  ]);
  return { customerId, records, members, claims, decisions: active, refused, history: { decisions, regroupings } };
}

function byFoundation(a: RecordState, b: RecordState): number {
  return a.firstAt.getTime() - b.firstAt.getTime() || (a.id < b.id ? -1 : 1);
}

function explainPaths(
  paths: readonly Path[],
  { claims, decisions }: Pick<Known, 'claims' | 'decisions'>,
  rules: IdentityRules,
): ExplainedPath[] {
  const claimOf = new Map(claims.map((claim) => [claim.identifierId + claim.recordId, claim]));
  const decidedAt = new Map(decisions.map((decision) => [decision.id, decision.decidedAt]));
  const explain = (step: PathStep): ExplainedStep => {
    const { evidenceId, recordId, otherRecordId, kind } = step;
    const decided = decidedAt.get(evidenceId);
    if (decided) return { ...step, rule: null, since: decided, touchpointIds: [] };
    const both = [recordId, otherRecordId].map((id) => claimOf.get(evidenceId + id)!);
    const since = new Date(Math.max(...both.map(({ firstSeenAt }) => firstSeenAt.getTime())));
    const touchpointIds = [...new Set(both.map(({ firstTouchpointId }) => firstTouchpointId))];
    return { ...step, rule: ruleFor(rules, kind), since, touchpointIds };
  };
  return paths.map((path) => ({ ...path, steps: path.steps.map(explain) }));
}

/** From the founding record to each other, unless somebody wants to know about two of them. */
function chooseEnds({ from, to }: ExplainInput, members: readonly RecordState[]): { from: string; targets: string[] } {
  const ids = members.map(({ id }) => id);
  for (const [field, id] of Object.entries({ from, to })) {
    if (id != null && !ids.includes(id)) throw badInput('This record does not belong to the customer.', field);
  }
  const start = from ?? ids[0]!;
  return { from: start, targets: to == null ? ids.filter((id) => id !== start) : [to] };
}
