import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { type CustomerKpisParts, type LoadedKpis, loadCustomerKpis } from './customer-kpis.loader.ts';

/** The KPIs of customers, as of now. Batched, whatever their number. */
export class CustomerKpiReader {
  readonly #parts: CustomerKpisParts;

  constructor(parts: CustomerKpisParts) {
    this.#parts = parts;
  }

  async kpisOf(ctx: Context, customerId: string): Promise<LoadedKpis | null> {
    requireScope(ctx, 'metrics:read');
    return ctx.loaders.get(loadCustomerKpis, { ctx, parts: this.#parts }).load(customerId);
  }
}
