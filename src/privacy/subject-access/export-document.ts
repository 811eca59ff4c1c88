import type { Json, JsonObject } from '../../kernel/json.ts';

/** What it is about, before anything else. */
export interface ExportHeader {
  readonly format: 'rundum-access-export/1';
  /** `dsr_…` */
  readonly request: string;
  /** `cus_…`, as it is called now. */
  readonly customer: string;
  /** Everything is as of this instant. */
  readonly asOf: string;
  /** The tables, with what each of them is about. */
  readonly tables: readonly { readonly table: string; readonly about: string }[];
}

export type ExportPart =
  | { readonly kind: 'HEADER'; readonly header: ExportHeader }
  | { readonly kind: 'ROWS'; readonly table: string; readonly rows: readonly JsonObject[] }
  | { readonly kind: 'EXPLANATION'; readonly of: string; readonly explanation: Json }
  /** Only a document that has it is complete. */
  | { readonly kind: 'END'; readonly rows: Readonly<Record<string, number>> };

export const exportDocumentFormats = {
  ndjson: { type: 'application/x-ndjson; charset=utf-8', extension: 'ndjson' },
  json: { type: 'application/json; charset=utf-8', extension: 'json' },
} as const;
export type ExportDocumentFormat = keyof typeof exportDocumentFormats;

type Parts = AsyncIterable<ExportPart>;

/** One JSON object a line: `{"header"}`, `{"table", "row"}`, `{"explanation", "of"}`, and last `{"end"}`. */
export async function* writeExportLines(parts: Parts): AsyncGenerator<string, void, void> {
  for await (const part of parts) yield linesOf(part);
}

function linesOf(part: ExportPart): string {
  switch (part.kind) {
    case 'HEADER':
      return line({ header: part.header });
    case 'ROWS':
      return part.rows.map((row) => line({ table: part.table, row })).join('');
    case 'EXPLANATION':
      return line({ of: part.of, explanation: part.explanation });
    case 'END':
      return line({ end: { rows: part.rows } });
  }
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

/** One JSON document: `{"header", "tables": {"records": […], …}, "explanations": {…}, "end"}`. */
export async function* writeExportDocument(parts: Parts): AsyncGenerator<string, void, void> {
  let open: string | undefined;
  const explanations: [string, Json][] = [];
  for await (const part of parts) {
    if (part.kind === 'HEADER') yield `{"header":${JSON.stringify(part.header)},\n"tables":{`;
    if (part.kind === 'EXPLANATION') explanations.push([part.of, part.explanation]);
    if (part.kind === 'ROWS') {
      const start =
        part.table === open ? ',\n' : `${open === undefined ? '' : '],'}\n${JSON.stringify(part.table)}:[\n`;
      open = part.table;
      yield start + part.rows.map((row) => JSON.stringify(row)).join(',\n');
    }
    if (part.kind === 'END') {
      yield `${open === undefined ? '' : ']'}\n},\n"explanations":${JSON.stringify(Object.fromEntries(explanations))},\n`;
      yield `"end":${JSON.stringify({ rows: part.rows })}}\n`;
    }
  }
}
