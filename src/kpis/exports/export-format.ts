import { badInput } from '../../kernel/errors.ts';

export const exportFormats = {
  csv: { type: 'text/csv; charset=utf-8; header=present', accepted: ['text/csv'], extension: 'csv' },
  ndjson: {
    type: 'application/x-ndjson; charset=utf-8',
    accepted: ['application/x-ndjson', 'application/ndjson', 'application/jsonl', 'application/x-jsonlines'],
    extension: 'ndjson',
  },
  json: { type: 'application/json; charset=utf-8', accepted: ['application/json'], extension: 'json' },
  arrow: {
    type: 'application/vnd.apache.arrow.stream',
    accepted: ['application/vnd.apache.arrow.stream'],
    extension: 'arrows',
  },
} as const;

export type ExportFormat = keyof typeof exportFormats;

const names = Object.keys(exportFormats) as ExportFormat[];

/** By `?format=`, which tools that know addresses only can say; else by the header `Accept`; CSV where neither says. */
export function chooseFormat(format: string | undefined, accept: string | undefined): ExportFormat {
  if (format === undefined) return byAccept(accept);
  const chosen = names.find((name) => name === format.toLowerCase());
  if (chosen) return chosen;
  throw badInput(`Expected one of ${names.join(', ')}, got ${JSON.stringify(format.slice(0, 80))}.`, 'format');
}

function byAccept(accept: string | undefined): ExportFormat {
  if (accept === undefined || accept.trim() === '') return 'csv';
  for (const range of inOrderOfPreference(accept)) {
    const known = names.find((name) => (exportFormats[name].accepted as readonly string[]).includes(range));
    if (known) return known;
    if (range === '*/*' || range === 'text/*') return 'csv';
  }
  const types = names.map((name) => exportFormats[name].accepted[0]);
  throw badInput(`The header Accept names none of ${types.join(', ')}. Name one, or add ?format=.`, 'format');
}

function inOrderOfPreference(accept: string): string[] {
  return accept
    .split(',')
    .map((part) => {
      const [range = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
      const quality = parameters.find((text) => text.startsWith('q='));
      return { range, quality: quality ? Number(quality.slice(2)) || 0 : 1 };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ range }) => range);
}
