/** Where points are: what was ever issued is the sum of all others. */
export interface HeldPoints {
  readonly issued: bigint;
  readonly pending: bigint;
  readonly available: bigint;
  readonly reserved: bigint;
  readonly redeemed: bigint;
  readonly expired: bigint;
  readonly reversed: bigint;
  readonly adjusted: bigint;
  readonly transferred: bigint;
}

export const noPoints: HeldPoints = {
  issued: 0n,
  pending: 0n,
  available: 0n,
  reserved: 0n,
  redeemed: 0n,
  expired: 0n,
  reversed: 0n,
  adjusted: 0n,
  transferred: 0n,
};

const places = Object.keys(noPoints) as (keyof HeldPoints)[];

export function addHeld(a: HeldPoints, b: HeldPoints): HeldPoints {
  return Object.fromEntries(places.map((place) => [place, a[place] + b[place]])) as unknown as HeldPoints;
}

/** Points that can still be spent, or will be able to. */
export function outstandingOf({ pending, available, reserved }: HeldPoints): bigint {
  return pending + available + reserved;
}

/** Whether two say the same but for what time alone moves, which the ledger enters a moment later. */
export function agree(a: HeldPoints, b: HeldPoints): boolean {
  const resting = ({ pending, available, expired }: HeldPoints) => pending + available + expired;
  const settled = ['issued', 'reserved', 'redeemed', 'reversed', 'adjusted', 'transferred'] as const;
  return resting(a) === resting(b) && settled.every((place) => a[place] === b[place]);
}
