import { readdirSync, readFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);

export interface CodeBlock {
  /** The whole info string, such as `json touchpoint`. */
  readonly info: string;
  readonly text: string;
  /** `docs/ingest.md:12`, for messages. */
  readonly place: string;
}

export function readPage(page: string): string {
  return readFileSync(new URL(page, root), 'utf8');
}

/** Everything that a reader may come across, by its path from the root. */
export function listPages(): string[] {
  const folders = ['docs', 'docs/decisions'].flatMap((folder) =>
    readdirSync(new URL(folder, root)).map((name) => `${folder}/${name}`),
  );
  return ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...folders.filter((name) => name.endsWith('.md')).sort()];
}

export function findBlocks(info: string, pages: readonly string[] = listPages()): CodeBlock[] {
  return pages.flatMap(blocksOf).filter((block) => block.info === info);
}

function blocksOf(page: string): CodeBlock[] {
  const text = readPage(page);
  return [...text.matchAll(/^```(.+)\n([\s\S]*?)^```$/gm)].map((match) => {
    const line = text.slice(0, match.index).split('\n').length;
    return { info: match[1]!.trim(), text: match[2]!, place: `${page}:${line}` };
  });
}

/** The page without its code blocks: what is in those is no markup. */
export function proseOf(page: string): string {
  return readPage(page).replace(/^```.+\n[\s\S]*?^```$/gm, '');
}

/** Rows of the table that has this text in its first line, cell by cell, without head. */
export function readTable(page: string, head: string): string[][] {
  const [, table] = proseOf(page).split(new RegExp(`^\\| ${head.replaceAll(/[|()]/g, '\\$&')}.*\\|$`, 'm'));
  if (table === undefined) throw new Error(`${page} has no table that begins with "${head}".`);
  const lines = table.trimStart().split('\n');
  const end = lines.findIndex((line) => !line.startsWith('|'));
  return lines.slice(1, end === -1 ? undefined : end).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

/** `` `a`, `b` `` → a, b */
export function namesIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
}
