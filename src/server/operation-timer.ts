import type { ExecutionResult, OperationDefinitionNode } from 'graphql';
import type { Metrics } from '../kernel/metrics.ts';

const maximumNames = 100;

/** Times operations, by type and name. */
export class OperationTimer {
  readonly #metrics: Metrics;
  readonly #names = new Set<string>();

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  /** The outcome is `error` as soon as there is one error in the result. */
  async time<T extends ExecutionResult | AsyncIterable<unknown>>(
    operation: OperationDefinitionNode,
    run: () => Promise<T>,
  ): Promise<T> {
    const labels = { type: operation.operation, operation: this.#nameOf(operation) };
    const stop = this.#metrics.operationDuration.startTimer(labels);
    let outcome = 'error';
    try {
      const result = await run();
      if (!('errors' in result) || !result.errors) outcome = 'ok';
      return result;
    } finally {
      stop({ outcome });
    }
  }

  /** Clients choose these names: the first hundred get a line of their own, the rest share one. */
  #nameOf(operation: OperationDefinitionNode): string {
    const name = operation.name?.value.slice(0, 60) ?? 'anonymous';
    if (this.#names.has(name)) return name;
    if (this.#names.size >= maximumNames) return 'other';
    this.#names.add(name);
    return name;
  }
}
