import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StartupError } from '../kernel/startup-error.ts';

/** The text of the file; `undefined` when there is none. */
export async function readOwnerKeyFile(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unusable(file, 'read', error);
  }
}

/** Readable by its owner only from the first byte on, and on disk when this returns. */
export async function writeOwnerKeyFile(file: string, text: string): Promise<void> {
  try {
    await replaceFile(file, text);
  } catch (error) {
    throw unusable(file, 'written', error);
  }
}

async function replaceFile(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  // Under another name first: a crash leaves the old file or the new one, never half of one.
  const draft = `${file}.new`;
  await rm(draft, { force: true });
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(`${text}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}

export async function removeOwnerKeyFile(file: string): Promise<void> {
  try {
    await rm(file, { force: true });
  } catch (error) {
    throw unusable(file, 'removed', error);
  }
}

function unusable(file: string, done: string, error: unknown): StartupError {
  return new StartupError(`The owner key file ${file} can't be ${done}: ${(error as Error).message}.`, {
    cause: error,
  });
}
