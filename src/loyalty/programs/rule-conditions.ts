import type { Condition } from '../../conditions/condition.ts';
import type { ConditionLanguage } from '../../conditions/language.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database } from '../../kernel/database.ts';

/**
 * What programmes have to ask about conditions and can't answer themselves: segments come after loyalty in the order of
 * the modules. The wiring answers it.
 */
export interface RuleConditions {
  /** With all kinds of leaves, those about segments included. */
  readonly language: Pick<ConditionLanguage, 'check' | 'cost'>;
  /**
   * The condition with the segments that it names written out, as they are served now; lists stay. Throws
   * `BAD_USER_INPUT` for a segment that there isn't, `FORBIDDEN` for a test of values that are masked for the caller,
   * `SEGMENT_TOO_EXPENSIVE`.
   */
  resolve(
    ctx: Context,
    db: Database,
    given: { readonly condition: Condition; readonly field: string },
  ): Promise<Condition>;
  /** Whether it tests values that are masked for the caller. */
  isHidden(ctx: Context, condition: Condition): boolean;
}
