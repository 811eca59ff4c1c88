import { readFile } from 'node:fs/promises';
import { readConfig } from '../kernel/config.ts';
import { badInput } from '../kernel/errors.ts';
import { type ImportObserver, type ImportSummary, importFile } from '../touchpoints/import.service.ts';
import { type ImportMapping, parseMapping } from '../touchpoints/import-mapping.ts';
import { ImportDisplay } from './import-display.ts';
import type { ImportOptions } from './import-options.ts';
import { openTarget } from './import-target.ts';

/** Runs `rundum import`; answers its exit code. */
export async function runImport(file: string, options: ImportOptions): Promise<number> {
  const mapping = await readMapping(options.map);
  const target = await openTarget(options, readConfig());
  const display = new ImportDisplay(file);
  const interruption = watchInterruption();
  try {
    const { sink, progress } = target;
    const { batch: batchSize, report } = options;
    const observer: ImportObserver = options.dryRun ? withExamples(display) : display;
    const { signal } = interruption;
    const summary = await importFile({ file, mapping, sink, progress, batchSize, report, signal, observer });
    display.finish(summary, options);
    return exitCode(summary);
  } finally {
    display.stop();
    interruption.end();
    await target.close();
  }
}

async function readMapping(path: string): Promise<ImportMapping> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw badInput(`Can't read the mapping: ${cause instanceof Error ? cause.message : String(cause)}`, 'map');
  });
  return parseMapping(parseJson(text, path));
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw badInput(`The mapping ${path} is no JSON: ${cause instanceof Error ? cause.message : String(cause)}`, 'map');
  }
}

/** Shows the first touchpoints in full: the quickest way to see whether a mapping says what was meant. */
function withExamples(display: ImportDisplay): ImportObserver {
  let left = 3;
  return {
    started: (progress) => display.started(progress),
    refused: (refusals) => display.refused(refusals),
    advanced: (counts, bytes) => display.advanced(counts, bytes),
    mapped(batch) {
      for (const { draft, line } of batch.slice(0, left))
        console.log(`line ${line}: ${JSON.stringify(draft, null, 2)}`);
      left = Math.max(0, left - batch.length);
    },
  };
}

/** The first Ctrl-C stops after the batch that is under way, the second at once. Both can be resumed. */
function watchInterruption() {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(130);
    console.error('\nStopping after this batch …');
    controller.abort();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return { signal: controller.signal, end: () => void process.off('SIGINT', stop).off('SIGTERM', stop) };
}

function exitCode({ finished, counts }: ImportSummary): number {
  if (!finished) return 130;
  return counts.rowsRefused > 0 ? 2 : 0;
}
