import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ImportSink, importFile } from '../../src/touchpoints/import.service.ts';
import { type ImportMapping, parseMapping } from '../../src/touchpoints/import-mapping.ts';
import { noProgress } from '../../src/touchpoints/import-progress.ts';
import type { Refusal } from '../../src/touchpoints/import-row.ts';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';

/** A folder for the files of one test file. */
export async function temporaryFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'rundum-import-'));
  let files = 0;
  return {
    async file(content: string | Buffer, name?: string): Promise<string> {
      files += 1;
      const path = join(folder, name ?? `${files}.data`);
      await writeFile(path, content);
      return path;
    },
    path: (name: string) => join(folder, name),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Invoice lines as the example mapping has them, cut down. */
export const invoices = parseMapping({
  source: 'shop',
  group: { by: '{Invoice}', window: 3 },
  messageId: 'invoice-{Invoice}',
  key: '{Customer}',
  type: [
    { type: 'order.returned', when: { column: 'Invoice', matches: '^C' }, negate: true },
    { type: 'order.complimentary', when: { sum: 'lines', equals: 0 } },
    { type: 'order.completed' },
  ],
  occurredAt: { value: '{Time}', format: 'yyyy-MM-dd HH:mm' },
  lines: { sku: '{Sku}', quantity: '{Quantity}', price: '{Price}' },
  value: { sum: 'lines', currency: 'GBP' },
});

export const invoiceHeader = 'Invoice,Sku,Quantity,Price,Time,Customer\n';

/** Reads a file as an import does, and collects what would be handed over and what would be reported. */
export async function readThrough(file: string, mapping: ImportMapping, batchSize = 100) {
  const drafts: TouchpointDraft[] = [];
  const refusals: Refusal[] = [];
  const sink: ImportSink = async (batch) => {
    drafts.push(...batch);
    return batch.map(() => ({ status: 'VALID', code: null, message: null, warnings: [] }));
  };
  const observer = { refused: (more: readonly Refusal[]) => void refusals.push(...more) };
  const summary = await importFile({ file, mapping, sink, progress: noProgress, batchSize, observer });
  return { drafts, refusals, counts: summary.counts };
}
