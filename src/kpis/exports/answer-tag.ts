/** What an ETag says of the answer that it was given with. */
export interface AnswerTag {
  /** Of the question, of who asks, of how it is written, and of the database: another one, another answer. */
  readonly question: string;
  /** `pg_snapshot` from before the answer was computed: everything visible in it went into the answer. */
  readonly snapshot: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Two answers never have the same tag: the one may have seen more than the other. */
  readonly nonce: string;
}

const pattern = /^([\w-]{1,64})\.(\d{1,18}:\d{1,18}:[\d,]*)\.(\d{1,15})\.([\w-]{1,64})$/;

/** A header holds so much; there are more transactions under way than that only where something is wrong. */
const longest = 2_000;

/** A strong ETag; null where it would be too long. */
export function writeTag({ question, snapshot, at, nonce }: AnswerTag): string | null {
  const text = Buffer.from(`${question}.${snapshot}.${at}.${nonce}`).toString('base64url');
  return text.length > longest ? null : `"${text}"`;
}

/** The tags of ours that a header `If-None-Match` names. */
export function readTags(header: string | undefined): { readonly tag: AnswerTag; readonly text: string }[] {
  const tags: { tag: AnswerTag; text: string }[] = [];
  for (const [, text = ''] of (header ?? '').matchAll(/"([\w-]{1,2000})"/g)) {
    const [, question, snapshot, at, nonce] = pattern.exec(Buffer.from(text, 'base64url').toString('latin1')) ?? [];
    if (question === undefined || snapshot === undefined || at === undefined || nonce === undefined) continue;
    tags.push({ tag: { question, snapshot, at: Number(at), nonce }, text: `"${text}"` });
  }
  return tags.slice(0, 10);
}
