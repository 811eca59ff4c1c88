import { DomainError } from './errors.ts';

/** A place in the change feed: between lines, behind the one that it names. */
export interface FeedPosition {
  readonly tx: bigint;
  readonly seq: bigint;
}

/** In front of every line of transaction `tx`. */
export function beforeTransaction(tx: bigint): FeedPosition {
  return { tx, seq: -1n };
}

export function isBehind(a: FeedPosition, b: FeedPosition): boolean {
  return a.tx === b.tx ? a.seq > b.seq : a.tx > b.tx;
}

export function laterOf(a: FeedPosition, b: FeedPosition): FeedPosition {
  return isBehind(a, b) ? a : b;
}

/**
 * Position → the opaque text that clients keep. `epoch` names the history that the transaction numbers belong to: a
 * dump restored into another cluster starts a new one, in which the old numbers would point anywhere.
 */
export function encodeFeedCursor(epoch: string, { tx, seq }: FeedPosition): string {
  return Buffer.from(`feed/${epoch}/${tx}/${seq}`).toString('base64url');
}

// 18 digits: all that fits in PostgreSQL's bigint for certain, and no cluster will ever count further.
const cursorPattern = /^feed\/([0-9a-f]{8})\/(\d{1,18})\/(-1|\d{1,18})$/;

/** Throws `CURSOR_INVALID` for what no feed ever made, `CURSOR_EXPIRED` for the cursor of another epoch. */
export function decodeFeedCursor(epoch: string, cursor: string, field = 'after'): FeedPosition {
  const match = cursor.length > 200 ? null : cursorPattern.exec(Buffer.from(cursor, 'base64url').toString());
  const [, madeIn, tx, seq] = match ?? [];
  if (tx === undefined || seq === undefined) throw cursorInvalid(field);
  if (madeIn !== epoch) throw cursorExpired('it was made before this database was restored or moved');
  return { tx: BigInt(tx), seq: BigInt(seq) };
}

function cursorInvalid(field: string): DomainError {
  return new DomainError(
    'CURSOR_INVALID',
    'This is no cursor of the change feed. Give the `cursor` of an event or the `head` of `changeFeed`.',
    { field },
  );
}

/** `why` completes "This cursor can't be resumed from: …". */
export function cursorExpired(why: string): DomainError {
  return new DomainError(
    'CURSOR_EXPIRED',
    `This cursor can't be resumed from: ${why}. Read \`changeFeed.head\`, then the current state, and subscribe after that head.`,
  );
}
