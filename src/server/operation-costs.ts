import type { ExecutionResult } from 'graphql';
import { tooExpensive } from '../access/errors.ts';
import type { Charge } from '../access/key-meter.service.ts';
import type { Context } from '../kernel/context.ts';
import { type CostSet, estimateCost, measureCost, type Values } from './cost-plan.ts';
import type { OperationRules } from './operation-rules.ts';

/** One run of an operation, or one event of a subscription. */
export interface Bill {
  readonly context: Context;
  readonly set: CostSet;
  readonly variables: Values | undefined;
  readonly requested: number;
  readonly charge: Charge | undefined;
}

/** The same over every transport: the member `extensions` of a request, `{ "cost": true }`. */
export function asksForCost({ extensions }: { readonly extensions?: unknown }): boolean {
  return (extensions as { cost?: unknown } | null | undefined)?.cost === true;
}

/** Takes from a key's budget what an operation may cost, and gives back what it did not. */
export class OperationCosts {
  readonly #rules: Pick<OperationRules, 'keys' | 'maximumCost'>;

  constructor(rules: Pick<OperationRules, 'keys' | 'maximumCost'>) {
    this.#rules = rules;
  }

  /** Throws `RATE_LIMITED` or `OPERATION_TOO_EXPENSIVE`; then nothing may run. `variables`: `undefined` when they are wrong. */
  open(context: Context, set: CostSet, variables: Values | undefined): Bill {
    const { keys, maximumCost } = this.#rules;
    // Wrong variables are found before anything is looked up.
    const requested = variables ? estimateCost(set, variables) : 1;
    if (requested > maximumCost) throw tooExpensive(requested, maximumCost);
    return { context, set, variables, requested, charge: keys.charge(context.viewer, requested) };
  }

  /** The same result, which tells what it cost to whoever has a budget or has asked. */
  close(bill: Bill, result: ExecutionResult): ExecutionResult {
    const { charge, context } = bill;
    const told = context.costAsked || (charge !== undefined && charge.budget !== null);
    if (!charge && !told) return result;
    const actual = actualCost(bill, result);
    if (charge) this.#rules.keys.settle(charge, actual);
    if (!told) return result;
    return { ...result, extensions: { ...result.extensions, cost: this.#tell(bill, actual) } };
  }

  #tell({ context, requested }: Bill, actual: number) {
    const limit = this.#rules.keys.limitsOf(context.viewer).find(({ name }) => name === 'cost');
    return {
      requested,
      actual,
      limit: limit?.limit ?? null,
      remaining: limit?.remaining ?? null,
      resetsAt: limit?.resetsAt.toISOString() ?? null,
    };
  }
}

/**
 * Nothing is given back for an answer with errors: one may have removed what was looked up for it, and nobody is to get that
 * for nothing.
 */
function actualCost({ set, variables, requested }: Bill, { data, errors }: ExecutionResult): number {
  if (!variables || !data || errors?.length) return requested;
  return measureCost(set, variables, data);
}
