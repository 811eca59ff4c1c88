import { type Boundary, type CustomerCut, limitsCustomers, limitsData, limitsTouchpoints } from '../kernel/boundary.ts';
import type { Context } from '../kernel/context.ts';
import { DomainError } from '../kernel/errors.ts';

export type Bounded = Pick<Context, 'viewer' | 'boundaries' | 'clock'>;

/**
 * What has to hold of every customer in an answer; `undefined` where the key hides nobody, and the statement stays as it
 * is. To be joined to the statement that finds them, so that who is outside is not counted, ordered or paged over either.
 */
export function customerCut({ viewer: { boundary }, boundaries, clock }: Bounded): CustomerCut | undefined {
  if (!limitsCustomers(boundary)) return undefined;
  // Nobody may see more than allowed because something was put together without this.
  if (!boundaries) throw new Error('A key with a boundary came where boundaries are not known.');
  return (db, customerId) => boundaries.holds(db, boundary, { customerId, now: clock.now() });
}

/** What limits the touchpoints in an answer; `undefined` where nothing does. */
export function touchpointBoundary({ viewer: { boundary } }: Pick<Context, 'viewer'>): Boundary | undefined {
  return limitsTouchpoints(boundary) ? boundary : undefined;
}

export function isKept({ viewer: { boundary } }: Pick<Context, 'viewer'>): boolean {
  return limitsData(boundary);
}

/** For what follows from all touchpoints of a customer, where some must not be told of. */
export function refuseWhole(ctx: Pick<Context, 'viewer'>, what: string, field: string): void {
  if (!touchpointBoundary(ctx)) return;
  throw outside(`${what} follows from all touchpoints of a customer, and this key is kept to some.`, { field });
}

/** For what is about everybody. */
export function refuseOthers(ctx: Pick<Context, 'viewer'>, what: string, field: string): void {
  if (!isKept(ctx)) return;
  throw outside(`${what} is about more customers than this key may see.`, { field });
}

/** A refusal that depends on the key and the question alone, never on what there is. */
export function outside(message: string, details: { readonly field?: string } = {}): DomainError {
  return new DomainError('FORBIDDEN', message, { reason: 'BOUNDARY', ...details });
}
