/**
 * The accounts of the ledger between which points move. ISSUED is where all of them come from: it is what the programme has
 * granted, and stands against all others.
 */
export const buckets = [
  'ISSUED',
  'PENDING',
  'AVAILABLE',
  'RESERVED',
  'REDEEMED',
  'EXPIRED',
  'REVERSED',
  'ADJUSTED',
  'TRANSFERRED',
] as const;
export type Bucket = (typeof buckets)[number];

/** Where the points of a lot are: everything but ISSUED, which is minus their sum. */
export type Holding = Exclude<Bucket, 'ISSUED'>;
export type Holdings = Readonly<Record<Holding, bigint>>;
export const holdings = buckets.filter((bucket): bucket is Holding => bucket !== 'ISSUED');

/** What consumptions do with points. */
export type ConsumptionBucket = 'REDEEMED' | 'RESERVED' | 'TRANSFERRED' | 'ADJUSTED';

/** Why something was entered into the ledger. */
export const entryKinds = [
  'EARNED',
  'RETURNED',
  'RECOUNTED',
  'REDEEMED',
  'RESERVED',
  'RELEASED',
  'REVERSED',
  'TRANSFERRED',
  'ADJUSTED',
  'BONUS',
  'AVAILABLE',
  'EXPIRED',
] as const;
export type EntryKind = (typeof entryKinds)[number];
