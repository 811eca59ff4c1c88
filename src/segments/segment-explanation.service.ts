import { customerCut } from '../access/boundary.ts';
import { requireScope } from '../access/scopes.ts';
import { printConditionLine } from '../conditions/condition-text.ts';
import { loadFacts } from '../conditions/facts.service.ts';
import { mask, type Sight, sightOf } from '../identity/masking.ts';
import type { CustomerCut } from '../kernel/boundary.ts';
import type { Context } from '../kernel/context.ts';
import type { Tx } from '../kernel/database.ts';
import { notFound } from '../kernel/errors.ts';
import { toPublicId } from '../kernel/ids.ts';
import type { Json } from '../kernel/json.ts';
import { type ExplainedPart, explainParts } from './explained-condition.ts';
import { noSegment } from './segment.service.ts';
import { loadBook } from './segment-book.queries.ts';
import { expandWith, type SegmentEvaluator } from './segment-evaluator.service.ts';
import { findLastChange, findStoredMembership, type StoredMembership } from './segment-explanation.queries.ts';
import { furtherFacts } from './segment-leaves.queries.ts';
import { findOwnersOfRecords } from './segment-lists.queries.ts';
import type { LogView } from './segment-members.queries.ts';
import { limitStatements, orTooSlow } from './segment-preview.queries.ts';
import { findShownVersions } from './segment-reading.queries.ts';
import { findHidden } from './segment-sight.ts';
import { findSegments, type SegmentView, type VersionView } from './segments.queries.ts';

/** One part of the definition, as the caller may see it. */
export interface ExplainedJudgement {
  readonly path: string;
  readonly depth: number;
  /** The name of its kind, such as `all` or `event`. */
  readonly kind: string;
  /** Null where it tests what is masked for the caller. */
  readonly text: string | null;
  readonly verdict: boolean;
  readonly found: Json;
}

/** Whether a customer is in a segment, and why. */
export interface MembershipExplained {
  readonly segment: SegmentView;
  /** As they are now. */
  readonly customerId: string;
  readonly at: Date;
  readonly version: number;
  readonly isMember: boolean;
  readonly stored: StoredMembership | null;
  readonly lastChange: LogView | null;
  readonly verdict: boolean;
  /** Null where no version counts yet. */
  readonly agrees: boolean | null;
  readonly judgements: readonly ExplainedJudgement[];
}

const statementSeconds = 10;

/** Tells why somebody is in a segment or not, by judging it anew from all that is known of them. */
export class SegmentExplainer {
  readonly #evaluator: Pick<SegmentEvaluator, 'language' | 'timeZone'>;

  constructor(evaluator: Pick<SegmentEvaluator, 'language' | 'timeZone'>) {
    this.#evaluator = evaluator;
  }

  /** Ids are UUIDs, the customer's any that they ever had. Everything is of one moment; a constant number of statements. */
  async explain(ctx: Context, input: { customerId: string; segmentId: string }): Promise<MembershipExplained> {
    requireScope(ctx, 'segments:read');
    requireScope(ctx, 'customers:read');
    return ctx.pool
      .begin('isolation level repeatable read read only', async (tx) => {
        await limitStatements(tx, statementSeconds);
        return this.#explain(tx, ctx, input);
      })
      .catch((error: unknown) => {
        throw orTooSlow(error, 'This explanation');
      });
  }

  async #explain(tx: Tx, ctx: Context, input: { customerId: string; segmentId: string }): Promise<MembershipExplained> {
    const { segment, customerId } = await findBoth(tx, input, customerCut(ctx));
    const pair = { segmentId: segment.id, customerId };
    const [versions, pages, stored, lastChange] = await Promise.all([
      findShownVersions(tx, [segment.id]),
      loadBook(tx),
      findStoredMembership(tx, pair),
      findLastChange(tx, pair),
    ]);
    const { version, counts } = versionFor(versions, customerId);
    const at = ctx.clock.now();
    const { language, timeZone } = this.#evaluator;
    const condition = expandWith(pages, version);
    const { members } = language.needs(condition);
    const facts = await loadFacts(tx, [customerId], { now: at, further: furtherFacts, members });
    const judgement = language.judge(condition, facts.get(customerId)!, { now: at, timeZone });
    const parts = explainParts(version, judgement, (id, number) =>
      pages.named.find((named) => named.segmentId === id && named.version === number),
    );
    const isMember = stored?.member ?? false;
    return {
      segment,
      customerId,
      at,
      version: version.version,
      isMember,
      stored: stored ?? null,
      lastChange: lastChange ?? null,
      verdict: judgement.verdict,
      agrees: counts ? isMember === judgement.verdict : null,
      judgements: parts.map((part) => this.#show(part, sightOf(ctx))),
    };
  }

  #show({ path, depth, condition, verdict, found }: ExplainedPart, sight: Sight): ExplainedJudgement {
    const hidden = findHidden(condition, this.#evaluator.language, sight) !== undefined;
    const kind = Object.keys(condition)[0]!;
    const shown = { path, depth, kind, verdict };
    if (hidden) return { ...shown, text: null, found: found === null ? null : mask };
    return { ...shown, text: printConditionLine(condition), found: showText(found, sight) };
  }
}

/** An address may stand in the text of a property that is not personal by its name. */
function showText(found: Json, sight: Sight): Json {
  return typeof found === 'string' ? (sight.freeForm({ found })?.found ?? null) : found;
}

async function findBoth(
  tx: Tx,
  { customerId, segmentId }: { customerId: string; segmentId: string },
  cut: CustomerCut | undefined,
) {
  const [[segment], [owner]] = await Promise.all([
    findSegments(tx, [segmentId]),
    findOwnersOfRecords(tx, [customerId], cut),
  ]);
  if (!segment) throw noSegment(segmentId);
  if (!owner) throw notFound('customer', toPublicId('cus', customerId));
  return { segment, customerId: owner.customerId };
}

/** The version that counts for this customer: while one is being applied, it does for those whom it has reached. */
function versionFor(versions: readonly VersionView[], customerId: string): { version: VersionView; counts: boolean } {
  const applied = versions.find(
    ({ phase, position }) => phase === 'APPLYING' && position !== null && customerId <= position,
  );
  const counting = applied ?? versions.find(({ phase }) => phase === 'SERVED');
  return { version: counting ?? versions.at(-1)!, counts: counting !== undefined };
}
