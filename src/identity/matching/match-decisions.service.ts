import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { deriveUuid } from '../../kernel/ids.ts';
import { DecisionDesk, type DecisionSettings } from '../decide.service.ts';
import {
  findRecordsOfDecisions,
  insertDecisionRecords,
  insertDecisions,
  type NewDecision,
  revokeDecisions,
} from '../decisions.queries.ts';
import type { MatchDecisions, MatchLink } from './apply-matches.service.ts';
import { matcherName, reviveMatches } from './match-decisions.queries.ts';

const cause = { cause: 'MATCH', causeId: null } as const;

/** The matcher's word on who is one person: soft links, which respect limits and whatever people have decided. */
export class MatchDecisionService implements MatchDecisions {
  readonly #settings: DecisionSettings;
  readonly #desk: DecisionDesk;

  constructor(settings: DecisionSettings) {
    this.#settings = settings;
    this.#desk = new DecisionDesk(settings);
  }

  /** One transaction. What a person has taken back stays so, however often it is said again. */
  async recordMatches(ctx: Context, links: readonly MatchLink[]): Promise<string[]> {
    requireScope(ctx, 'identity:manage');
    const decisions = links.map((link) => this.#toDecision(link));
    await this.#desk.inRules(ctx, async (tx) => {
      const now = ctx.clock.now();
      const fresh = await insertDecisions(tx, decisions, now);
      const added = decisions.filter(({ id }) => fresh.has(id));
      const said = decisions.filter(({ id }) => !fresh.has(id));
      const revived = said.length > 0 ? await reviveMatches(tx, said, now) : [];
      if (added.length + revived.length === 0) return;
      if (added.length > 0) await insertDecisionRecords(tx, added);
      const again = new Set(revived);
      const inForce = [...added, ...said.filter(({ id }) => again.has(id))];
      await this.#desk.regroup(tx, ctx, cause, { recordIds: inForce.flatMap(({ sideA }) => sideA), identifierIds: [] });
    });
    return decisions.map(({ id }) => id);
  }

  /** The values have changed, or the model: the reason is gone. One transaction. */
  async withdrawMatches(ctx: Context, decisionIds: readonly string[]): Promise<void> {
    requireScope(ctx, 'identity:manage');
    await this.#desk.inRules(ctx, async (tx) => {
      const by = { actor: matcherName, reason: 'The records no longer match.', now: ctx.clock.now() };
      const revoked = await revokeDecisions(tx, decisionIds, by);
      if (revoked.length === 0) return;
      const about = await findRecordsOfDecisions(tx, revoked);
      await this.#desk.regroup(tx, ctx, cause, { recordIds: about.map(({ recordId }) => recordId), identifierIds: [] });
    });
  }

  #toDecision({ recordA, recordB, weight, modelVersion }: MatchLink): NewDecision {
    const sideA = [recordA, recordB].sort();
    const id = deriveUuid(this.#settings.idSecret, 'match', ...sideA);
    const reason = `A match of model ${modelVersion}.`;
    const nothingElse = { identifierId: null, regroupingId: null, sideB: [], fingerprint: id };
    return { id, kind: 'MATCH', actor: matcherName, reason, weight, modelVersion, sideA, ...nothingElse };
  }
}
