import { type FileHandle, open, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Refusal } from './import-row.ts';

const columns = ['file', 'line', 'rows', 'code', 'reason', 'messageId'] as const;

/** What was not imported, one line each: CSV where the name ends in `.csv`, else NDJSON. */
export class ImportReport {
  readonly #handle: FileHandle;
  readonly #csv: boolean;
  readonly #about: string;
  #bytes = 0;

  private constructor(handle: FileHandle, csv: boolean, about: string) {
    this.#handle = handle;
    this.#csv = csv;
    this.#about = about;
  }

  /**
   * `keep`: bytes that an interrupted run had written when it last saved its progress. What came after is cut off,
   * because those rows are read again: a resumed import reports every row once.
   */
  static async open(path: string, about: string, keep: number): Promise<ImportReport> {
    const size = await stat(path).then(
      ({ size }) => size,
      () => 0,
    );
    const resumes = keep > 0 && size >= keep;
    const report = new ImportReport(await open(path, resumes ? 'r+' : 'w'), extname(path) === '.csv', about);
    if (resumes) {
      await report.#handle.truncate(keep);
      report.#bytes = keep;
    } else if (report.#csv) {
      await report.#append(`${columns.join(',')}\n`);
    }
    return report;
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#bytes;
  }

  async write(refusals: readonly Refusal[]): Promise<void> {
    if (refusals.length > 0) await this.#append(refusals.map((refusal) => this.#line(refusal)).join(''));
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  #line({ line, rows, code, reason, messageId }: Refusal): string {
    const entry = { file: this.#about, line, rows, code, reason, messageId };
    return `${this.#csv ? columns.map((column) => csvCell(entry[column])).join(',') : JSON.stringify(entry)}\n`;
  }

  async #append(text: string): Promise<void> {
    const { bytesWritten } = await this.#handle.write(Buffer.from(text), 0, undefined, this.#bytes);
    this.#bytes += bytesWritten;
  }
}

function csvCell(value: string | number | undefined): string {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
