import { setImmediate as nextTurn } from 'node:timers/promises';
import { requireScope } from '../access/scopes.ts';
import { Gate } from '../kernel/change-feed-gate.ts';
import type { Context } from '../kernel/context.ts';
import type { Tx } from '../kernel/database.ts';
import { badInput } from '../kernel/errors.ts';
import { listRecordIds } from './closure.queries.ts';
import { examine } from './examine.service.ts';
import { countFacts } from './identity-rebuild.queries.ts';
import type { IdentityRulesService } from './identity-rules.service.ts';
import { RecordWalk } from './record-walk.ts';
import { compileRules, type RuleBook } from './rule-book.ts';
import type { IdentityRules } from './rules.ts';
import { PreviewTally, type RulesPreview } from './rules-preview.ts';

export const longestPreviewSeconds = 120;

export interface PreviewRequest {
  readonly rules: RuleBook;
  /** After so long the answer is about what was looked at until then. */
  readonly seconds: number;
}

/** What other identity rules would do, computed without applying them. */
export class RulesPreviewService {
  readonly #rules: Pick<IdentityRulesService, 'check'>;
  readonly #recordsAtOnce: number;
  /** One at a time: each holds a connection for as long as it takes. */
  readonly #gate = new Gate(1);

  constructor(rules: Pick<IdentityRulesService, 'check'>, { recordsAtOnce = 500 } = {}) {
    this.#rules = rules;
    this.#recordsAtOnce = recordsAtOnce;
  }

  async preview(ctx: Context, { rules, seconds }: PreviewRequest): Promise<RulesPreview> {
    requireScope(ctx, 'identity:manage');
    const compiled = compileRules(this.#rules.check(rules, 'rules'));
    if (!(seconds > 0 && seconds <= longestPreviewSeconds)) {
      throw badInput(`Expected \`seconds\` from 1 to ${longestPreviewSeconds}, got ${seconds}.`, 'seconds');
    }
    return this.#gate.run(async () => {
      const until = performance.now() + seconds * 1000;
      // One snapshot: what is ingested meanwhile is neither waited for nor counted in part.
      return ctx.pool.begin('isolation level repeatable read read only', (tx) => this.#walk(tx, compiled, until));
    }) as Promise<RulesPreview>;
  }

  async #walk(tx: Tx, rules: IdentityRules, until: number): Promise<RulesPreview> {
    const { records: recordsTotal } = await countFacts(tx);
    const tally = new PreviewTally(rules);
    const walk = new RecordWalk();
    let recordsExamined = 0;
    while (recordsExamined < recordsTotal && performance.now() < until) {
      const ids = await listRecordIds(tx, walk.position, this.#recordsAtOnce);
      const findings = await examine(tx, walk.takeUp(ids), rules);
      walk.meet(findings.records.map(({ id }) => id));
      tally.add(findings);
      recordsExamined += ids.length;
      await nextTurn();
    }
    return tally.result({ complete: recordsExamined === recordsTotal, recordsExamined, recordsTotal });
  }
}
