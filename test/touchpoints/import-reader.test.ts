import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseMapping } from '../../src/touchpoints/import-mapping.ts';
import { invoiceHeader, invoices, readThrough, temporaryFolder } from './import-support.ts';

const people = (format: object = { type: 'csv' }) =>
  parseMapping({
    format,
    source: 'crm',
    messageId: '{id}',
    type: 'identify',
    occurredAt: { value: '2026-01-01' },
    traits: { name: '{name}' },
  });

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

async function read(content: string | Buffer, mapping = people()) {
  const { drafts, refusals, counts } = await readThrough(await folder.file(content), mapping);
  const names = drafts.map(({ messageId, traits }) => `${messageId}:${traits?.name ?? ''}`);
  return { names, refused: refusals.map(({ line, code, rows }) => `${line} ${code} ${rows}`), counts };
}

describe('CSV', () => {
  it('may have a byte order mark, CRLF, empty lines, quoted newlines and quotes, and no newline at its end', async () => {
    const csv = '\uFEFFid,name\r\n1,"Jo\r\nDoe"\r\n\r\n2,"5"" nail"\r\n3,Ann';
    expect((await read(csv)).names).toEqual(['1:Jo\r\nDoe', '2:5" nail', '3:Ann']);
  });

  it('is gunzipped by its content, whatever its name, also when it is made of several members', async () => {
    const members = Buffer.concat([gzipSync('id,name\n1,Jo\n'), gzipSync('2,Ann\n')]);
    expect((await read(members)).names).toEqual(['1:Jo', '2:Ann']);
  });

  it('refuses a row with a wrong number of columns, by the line on which it starts', async () => {
    const csv = 'id,name\r\n1,"a\r\nb"\r\n2\r\n3,x,y\r\n\r\n4,"c\nd",e\r\n5,Ann\r\n';
    const { names, refused, counts } = await read(csv);
    expect(names).toEqual(['1:a\r\nb', '5:Ann']);
    expect(refused).toEqual(['4 WRONG_COLUMN_COUNT 1', '5 WRONG_COLUMN_COUNT 1', '7 WRONG_COLUMN_COUNT 1']);
    expect(counts).toMatchObject({ rows: 5, rowsRefused: 3, touchpoints: { VALID: 2 } });
  });

  it('refuses a row with invalid UTF-8 and no other', async () => {
    const csv = Buffer.concat([
      Buffer.from('id,name\n1,Zoë\n2,'),
      Buffer.from([0xe9, 0x74]),
      Buffer.from('\n3,a\uFFFDb\n4,Zoë\n'),
    ]);
    expect(await read(csv)).toMatchObject({ names: ['1:Zoë', '3:a\uFFFDb', '4:Zoë'], refused: ['3 INVALID_UTF8 1'] });
  });

  it('keeps characters whole that lie across the pieces in which a file is read', async () => {
    const name = '€'.repeat(100_000);
    const { names, refused } = await read(`id,name\n1,${name}\n22,${name}\n333,a${name}\n`);
    expect([names, refused]).toEqual([[`1:${name}`, `22:${name}`, `333:a${name}`], []]);
  });

  it('is read in the encoding and with the delimiter, names and nulls that the mapping gives', async () => {
    const format = { type: 'csv', encoding: 'windows-1252', delimiter: ';', columns: ['id', 'name'], nulls: ['NULL'] };
    expect((await read(Buffer.from('1;Zo\xeb\n2;NULL\n', 'latin1'), people(format))).names).toEqual(['1:Zoë', '2:']);
  });

  it('takes stray quotes as they are', async () => {
    const csv = 'id,name\n1,5" nail\n2,"a"b\n 3 , "Ann"\n4,Eve\n';
    expect((await read(csv)).names).toEqual(['1:5" nail', '2:"a"b', '3:Ann', '4:Eve']);
  });

  it('reports where a quote opens that is never closed', async () => {
    expect(await read('id,name\n1,Jo\n2,"Ann\n3,Eve\n')).toMatchObject({
      names: ['1:Jo'],
      refused: ['3 QUOTE_NOT_CLOSED 1'],
    });
  });

  it('stops where no row ends for a megabyte', async () => {
    const csv = `id,name\n1,Jo\n2,"Ann\n${'3,Eve\n'.repeat(400_000)}`;
    await expect(read(csv)).rejects.toThrow(/From line 3 on this is no CSV/);
  });

  it('must have the columns that the mapping names', async () => {
    await expect(read('id,nom\n1,Jo\n')).rejects.toThrow(
      /traits\.name: the file has no column "name"[\s\S]*Its columns are: id, nom/,
    );
    await expect(read('id,name,name\n1,Jo,Jo\n')).rejects.toThrow(/two columns named "name"/);
  });

  it('may be empty', async () => {
    expect((await read('id,name\n')).counts.rows).toBe(0);
    expect((await read('')).counts.rows).toBe(0);
  });

  it('ends with an error, not with silence, when gzip data are cut short', async () => {
    const gzip = gzipSync(`id,name\n${Array.from({ length: 50_000 }, (_, at) => `${at},${at * 7919}`).join('\n')}`);
    await expect(read(gzip.subarray(0, gzip.length - 1000))).rejects.toThrow(/unexpected end of file/);
  });

  it('says that other compressions must be unpacked', async () => {
    await expect(read(Buffer.from('PK\x03\x04etc', 'latin1'))).rejects.toThrow(/not by gzip/);
  });

  it('leaves out rows by the mapping’s conditions and counts them by reason', async () => {
    const mapping = parseMapping({
      ...people(),
      type: 'identify',
      skip: [{ when: { column: 'name', empty: true }, reason: 'no name' }],
    });
    expect(await read('id,name\n1,\n2,Jo\n3,\n', mapping)).toMatchObject({
      names: ['2:Jo'],
      counts: { rows: 3, rowsSkipped: { 'no name': 2 } },
    });
  });
});

describe('NDJSON', () => {
  const ndjson = people({ type: 'ndjson' });

  it('refuses lines that are no object, by line', async () => {
    const text = '{"id":"1","name":"Jo"}\r\n\n{"id":"2",}\n[1]\n{"id":3,"name":"Ann"}\nnull';
    expect(await read(text, ndjson)).toMatchObject({
      names: ['1:Jo', '3:Ann'],
      refused: ['3 INVALID_JSON 1', '4 INVALID_JSON 1', '6 INVALID_JSON 1'],
    });
  });

  it('refuses a line that is too long or no UTF-8, and goes on', async () => {
    const text = Buffer.concat([
      Buffer.from(`{"id":"1","name":"${'x'.repeat(2 ** 20)}"}\n{"id":"2","name":"`),
      Buffer.from([0xff]),
      Buffer.from('"}\n{"id":"3"}\n'),
    ]);
    expect(await read(text, ndjson)).toMatchObject({
      names: ['3:'],
      refused: ['1 ROW_TOO_LARGE 1', '2 INVALID_UTF8 1'],
    });
  });
});

describe('grouping', () => {
  const line = (invoice: string, sku: string, price = '1') => `${invoice},${sku},1,${price},2026-01-01 10:00,7\n`;
  const skus = async (rows: string, mapping = invoices) => {
    const { drafts, refusals } = await readThrough(await folder.file(invoiceHeader + rows), mapping);
    const groups = drafts.map(({ messageId, lines }) => `${messageId}:${lines?.map(({ sku }) => sku).join('')}`);
    return { groups, refused: refusals.map(({ line: at, rows: count, code }) => `${at} ${code} ${count}`) };
  };

  it('joins rows with up to a window of others between them', async () => {
    const rows = line('1', 'a') + line('2', 'x') + line('3', 'y') + line('2', 'z') + line('1', 'b') + line('4', 'q');
    expect((await skus(rows)).groups.sort()).toEqual(
      ['invoice-1:a', 'invoice-1:b', 'invoice-2:xz', 'invoice-3:y', 'invoice-4:q'].sort(),
    );
    const wider = parseMapping({ ...JSON.parse(JSON.stringify(invoices)), group: { by: '{Invoice}', window: 4 } });
    expect((await skus(rows, wider)).groups.sort()).toEqual([
      'invoice-1:ab',
      'invoice-2:xz',
      'invoice-3:y',
      'invoice-4:q',
    ]);
  });

  it('leaves out an invoice of which one row can’t be read, and counts every row of it', async () => {
    const rows = `${line('1', 'a')}1,b\n${line('1', 'c')}${line('2', 'x')}`;
    expect(await skus(rows)).toEqual({
      groups: ['invoice-2:x'],
      refused: ['3 WRONG_COLUMN_COUNT 1', '3 GROUP_INCOMPLETE 2'],
    });
  });

  it('refuses rows without a group, and groups that grow beyond all measure', async () => {
    const small = parseMapping({ ...JSON.parse(JSON.stringify(invoices)), group: { by: '{Invoice}', maxRows: 2 } });
    const rows = line('', 'a') + line('1', 'a') + line('1', 'b') + line('1', 'c') + line('2', 'x') + line('2', 'y');
    expect(await skus(rows, small)).toEqual({
      groups: ['invoice-2:xy'],
      refused: ['2 GROUP_KEY_EMPTY 1', '5 GROUP_TOO_LARGE 3'],
    });
  });

  it('gives the same touchpoints whatever the size of a batch', async () => {
    const rows = Array.from({ length: 200 }, (_, at) =>
      line(String(Math.floor(at / 3) % 60), `s${at}`, at % 17 === 0 ? 'x' : '2'),
    ).join('');
    const file = await folder.file(invoiceHeader + rows);
    const [one, many] = [await readThrough(file, invoices, 1), await readThrough(file, invoices, 50)];
    expect(one.drafts).toEqual(many.drafts);
    expect(one.counts).toEqual(many.counts);
    expect(one.counts).toMatchObject({ rows: 200 });
    expect(one.refusals.length).toBeGreaterThan(5);
  });
});
