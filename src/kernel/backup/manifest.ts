import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { StartupError } from '../startup-error.ts';

/** Written last: a folder without it is a backup that was not finished. */
export const manifestFile = 'manifest.json';

const tableFacts = z.object({
  name: z.string(),
  columns: z.array(z.string()),
  rows: z.number().int(),
  /** Of the text, before it is compressed. */
  bytes: z.number().int(),
  sha256: z.string(),
});

const manifest = z.object({
  format: z.literal(1),
  /** Release of Rundum that made it. */
  version: z.string(),
  /** ISO 8601. What was committed by then is in it, and nothing else. */
  takenAt: z.string(),
  postgres: z.string(),
  /** By name, in their order: the schema that the rows have. */
  migrations: z.array(z.string()),
  /** Months (`2026-03`) for which there are partitions of touchpoints. */
  months: z.array(z.string()),
  tables: z.array(tableFacts),
});

export type TableFacts = z.infer<typeof tableFacts>;
export type Manifest = z.infer<typeof manifest>;

export function dataFile(folder: string, table: string): string {
  return join(folder, `${table}.copy.gz`);
}

/** Throws a {@link StartupError} for a folder that is no backup, or not a whole one. */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, manifestFile);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new StartupError(`${folder} holds no finished backup: ${manifestFile} can't be read (${error.code}).`);
  });
  const read = manifest.safeParse(parse(text));
  if (read.success) return read.data;
  throw new StartupError(`${path} is not the manifest of a backup that this release can read: ${read.error.message}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
