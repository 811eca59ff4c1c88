import { customType, timestamp } from 'drizzle-orm/pg-core';

/** An instant, to the millisecond: what JavaScript can hold, so that a value read is the value written. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });

/** A 64-bit transaction id: grows for the life of the database cluster and never wraps. */
export const transactionId = customType<{ data: string }>({ dataType: () => 'xid8' });

export const bytes = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
