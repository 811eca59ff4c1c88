import type { Database } from '../kernel/database.ts';
import { findCurrentRules } from './identity-rules.queries.ts';
import { compileRules, type RuleBook, shippedBook } from './rule-book.ts';
import { defaultRules, type IdentityRules } from './rules.ts';

export interface RulesInForce {
  /** 0: the shipped ones. */
  readonly version: number;
  readonly rules: IdentityRules;
}

/** A transaction met other rules than its work was prepared with: load them, and prepare it anew. */
export class RulesChanged extends Error {
  constructor() {
    super('The identity rules have changed.');
    this.name = 'RulesChanged';
  }
}

/**
 * This process's copy of the rules in force. It may be old for a moment: whoever uses it in a transaction calls
 * `holdRules` there and compares the version.
 */
export class CurrentRules {
  #inForce: RulesInForce;

  /** `rules` instead of the shipped ones as long as the database has none: for tests. */
  constructor(rules: IdentityRules = defaultRules) {
    this.#inForce = { version: 0, rules };
  }

  get inForce(): RulesInForce {
    return this.#inForce;
  }

  async reload(db: Database): Promise<RulesInForce> {
    const row = await findCurrentRules(db);
    if (row && row.version !== this.#inForce.version) {
      this.#inForce = { version: row.version, rules: compileRules(JSON.parse(row.rules) as RuleBook) };
    }
    return this.#inForce;
  }
}

/** The rules in force as data. */
export async function loadRuleBook(db: Database): Promise<{ version: number; book: RuleBook }> {
  const row = await findCurrentRules(db);
  return row ? { version: row.version, book: JSON.parse(row.rules) as RuleBook } : { version: 0, book: shippedBook };
}
