import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toPublicId } from '../../../src/kernel/ids.ts';
import { writeCsv } from '../../../src/kpis/exports/csv-writer.ts';
import { decimalWords } from '../../../src/kpis/exports/decimal-words.ts';
import { DownloadSlots } from '../../../src/kpis/exports/download-slots.ts';
import { chooseFormat } from '../../../src/kpis/exports/export-format.ts';
import type { CellType, ExportRow, ExportTable } from '../../../src/kpis/exports/export-table.ts';
import { withoutFormula } from '../../../src/kpis/exports/formula.ts';
import { writeNdjson } from '../../../src/kpis/exports/json-writer.ts';
import { PageExchange } from '../../../src/kpis/exports/page-exchange.ts';
import { publicIdWriter } from '../../../src/kpis/exports/public-ids.ts';
import { scramVerifier } from '../../../src/kpis/exports/scram.ts';

function tableOf(types: readonly CellType[], rows: readonly ExportRow[]): ExportTable {
  const columns = types.map((type, index) => ({ name: `c${index}`, type, unit: null, description: '' }));
  const pages = (async function* () {
    yield rows;
  })();
  return { name: 'test', columns, asOf: new Date(0), queryHash: null, pages };
}

async function textOf(written: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const part of written) text += part;
  return text;
}

test.each([
  ['=1+1', "'=1+1"],
  ['+49 30', "'+49 30"],
  ['-2', "'-2"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\t=1', "'\t=1"],
  ['\r=1', "'\r=1"],
  ['\n=1', "'\n=1"],
  ['＝1', "'＝1"],
  ['a=1', 'a=1'],
  ['', ''],
  [' =1', ' =1'],
])('%j is written as %j', (text, safe) => {
  expect(withoutFormula(text)).toBe(safe);
});

test('numbers stay numbers, also negative ones; text that looks like one does not', async () => {
  const rows: ExportRow[] = [['-1', '-12.50', -3, -4n, '-0.5', new Date('2026-01-01T00:00:00Z')]];
  const text = await textOf(
    writeCsv(tableOf(['TEXT', 'DECIMAL', 'COUNT', 'COUNT', 'FLOAT', 'TIME'], rows), { formulas: 'SAFE' }),
  );
  expect(text).toBe("c0,c1,c2,c3,c4,c5\r\n'-1,-12.50,-3,-4,-0.5,2026-01-01T00:00:00.000Z\r\n");
});

test('empty text and nothing are told apart', async () => {
  const text = await textOf(
    writeCsv(
      tableOf(
        ['TEXT', 'TEXT'],
        [
          ['', null],
          [null, 'x'],
        ],
      ),
      { formulas: 'SAFE' },
    ),
  );
  expect(text).toBe('c0,c1\r\n"",\r\n,x\r\n');
});

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(',', '"', '\r', '\n', '=', 'a', ' ', "'", '＝') }),
);

test('whatever the text, a reader gets it back', () => {
  return fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.option(anyText), fc.option(anyText)), { minLength: 1, maxLength: 8 }),
      async (rows) => {
        const text = await textOf(writeCsv(tableOf(['TEXT', 'JSON'], rows), { formulas: 'RAW' }));
        const cast = (cell: string, { quoting }: { quoting: boolean }) => (cell === '' && !quoting ? null : cell);
        expect(parse(text, { cast, from_line: 1, record_delimiter: '\r\n' }).slice(1)).toEqual(rows);
        const safe = await textOf(writeCsv(tableOf(['TEXT', 'JSON'], rows), { formulas: 'SAFE' }));
        const cells = (parse(safe, { cast, record_delimiter: '\r\n' }) as (string | null)[][]).slice(1);
        expect(cells).toEqual(rows.map((row) => row.map((cell) => cell && withoutFormula(cell))));
        expect(cells.flat().some((cell) => /^[=+\-@\t\r]/.test(cell ?? ''))).toBe(false);
        const lines = (await textOf(writeNdjson(tableOf(['TEXT', 'TEXT'], rows), { decimals: 'NUMBER' })))
          .split('\n')
          .slice(0, -1);
        expect(lines.map((line) => Object.values(JSON.parse(line) as object))).toEqual(rows);
      },
    ),
    { numRuns: 200 },
  );
});

test('JSON has decimals with all their digits, as numbers or as text, and no infinity', async () => {
  const rows: ExportRow[] = [
    ['12345678901234567.10', 'NaN', 'true', '{"a":1}'],
    ['-0.10', '1e+300', null, null],
  ];
  const table = () => tableOf(['DECIMAL', 'FLOAT', 'BOOLEAN', 'JSON'], rows);
  expect(await textOf(writeNdjson(table(), { decimals: 'NUMBER' }))).toBe(
    '{"c0":12345678901234567.10,"c1":null,"c2":true,"c3":{"a":1}}\n{"c0":-0.10,"c1":1e+300,"c2":null,"c3":null}\n',
  );
  expect(await textOf(writeNdjson(table(), { decimals: 'EXACT' }))).toContain('{"c0":"12345678901234567.10",');
});

test.each([
  ['1', 10n ** 10n],
  ['-0.01', -(10n ** 8n)],
  ['0.00000000005', 1n],
  ['-0.000000000049', 0n],
  ['1.5e3', 1500n * 10n ** 10n],
  ['9999999999999999999999999999.9999999999', 10n ** 38n - 1n],
])('%s is %s units of decimal128', (text, units) => {
  const bits = decimalWords(text).reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n);
  expect(BigInt.asIntN(128, bits)).toBe(units);
});

test('what has no room in decimal128 is an error, not another number', () => {
  for (const text of ['10000000000000000000000000000', 'NaN', '']) expect(() => decimalWords(text)).toThrow(RangeError);
});

test('public ids are those of the kernel', () => {
  const write = publicIdWriter('cus');
  fc.assert(fc.property(fc.uuid(), (uuid) => write(uuid) === toPublicId('cus', uuid)));
  const uuid = randomUUID();
  expect(publicIdWriter('prg')(uuid)).toBe(toPublicId('prg', uuid));
});

test.each([
  [undefined, undefined, 'csv'],
  [undefined, '*/*', 'csv'],
  [undefined, 'text/html, application/json;q=0.5, application/vnd.apache.arrow.stream;q=0.9', 'arrow'],
  [undefined, 'application/x-ndjson', 'ndjson'],
  [undefined, 'application/json', 'json'],
  ['ARROW', 'application/json', 'arrow'],
])('format %s and Accept %s give %s', (format, accept, chosen) => {
  expect(chooseFormat(format, accept)).toBe(chosen);
});

test('a format that there is not is refused', () => {
  expect(() => chooseFormat('xlsx', undefined)).toThrow('Expected one of csv, ndjson, json, arrow');
  expect(() => chooseFormat(undefined, 'image/png')).toThrow('Accept');
  expect(() => chooseFormat(undefined, 'text/csv;q=0')).toThrow('Accept');
});

test('a slot that is given back goes to who waits longest; who has waited too long is sent away', async () => {
  const slots = new DownloadSlots({ slots: 1, patience: 50 });
  const { signal } = new AbortController();
  const first = await slots.take(signal);
  const order: string[] = [];
  const gone = new AbortController();
  const leaving = slots.take(gone.signal).catch((error: Error) => order.push(error.message));
  const second = slots.take(signal).then((release) => {
    order.push('second');
    return release;
  });
  const third = slots.take(signal).then(
    () => order.push('third'),
    ({ code }: { code: string }) => order.push(code),
  );
  gone.abort(new Error('left'));
  await leaving;
  first();
  first();
  await second;
  await third;
  expect(order).toEqual(['left', 'second', 'OVERLOADED']);
  (await second)();
  (await slots.take(signal))();
});

test('a writer waits until its page is taken, and hears when nobody wants another', async () => {
  const exchange = new PageExchange<number>();
  const first = exchange.give(1);
  expect(await Promise.race([first, delay(10).then(() => 'waits')])).toBe('waits');
  expect(await exchange.take()).toBe(1);
  expect(await first).toBe(true);
  const waiting = exchange.take();
  expect(await exchange.give(2)).toBe(true);
  expect(await waiting).toBe(2);
  const third = exchange.give(3);
  exchange.leave(new Error('gone'));
  expect(await third).toBe(false);
  await expect(exchange.take()).rejects.toThrow('gone');
  expect(await exchange.give(4)).toBe(false);
});

test('pages that were there before an error come before it', async () => {
  const exchange = new PageExchange<number>();
  void exchange.give(1);
  exchange.fail(new Error('broken'));
  expect(await exchange.take()).toBe(1);
  await expect(exchange.take()).rejects.toThrow('broken');
});

test('a password is stored as RFC 7677 has it', () => {
  // Its example: user, pencil.
  const verifier = scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'));
  expect(verifier).toBe(
    'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
  );
});
