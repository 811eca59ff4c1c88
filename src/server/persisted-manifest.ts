import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'graphql';
import { z } from 'zod';
import { StartupError } from '../kernel/startup-error.ts';
import { maximumTokens } from './document-limits.ts';

/** Far more than the operations of all frontends of one organisation. */
const mostDocuments = 100_000;

/** Apollo: `{ format: "apollo-persisted-query-manifest", version: 1, operations: [{ id, body, … }] }`. */
const apollo = z.object({
  format: z.literal('apollo-persisted-query-manifest'),
  version: z.literal(1),
  operations: z.array(z.object({ id: z.string().min(1), body: z.string().min(1) })),
});

/** Relay, and GraphQL Code Generator: `{ "<id>": "<text>" }`. */
const relay = z.record(z.string().min(1), z.string().min(1));

/**
 * Reads the operations of frontends, by id: one manifest, or a folder of manifests (`.json`) and of operations (`.graphql`, each a
 * file, under the SHA-256 of its text). Throws a `StartupError`: a server that knew half of them would refuse the other half.
 */
export async function readTrustedDocuments(path: string): Promise<ReadonlyMap<string, string>> {
  const documents = new Map<string, string>();
  for (const file of await filesAt(path)) {
    const text = await readText(file);
    const found = file.endsWith('.graphql') ? [[sha256(text), text] as const] : readManifest(file, text);
    for (const [id, document] of found) add(documents, { id: id.replace(/^sha256:/, ''), document, file });
  }
  if (documents.size > mostDocuments)
    throw new StartupError(`${path} has ${documents.size} operations; the most is ${mostDocuments}.`);
  return documents;
}

async function filesAt(path: string): Promise<string[]> {
  try {
    if ((await stat(path)).isFile()) return [path];
    const names = await readdir(path, { recursive: true });
    return names
      .filter((name) => /\.(json|graphql)$/.test(name))
      .sort()
      .map((name) => join(path, name));
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
}

function readManifest(file: string, text: string): (readonly [string, string])[] {
  const json = parseJson(text);
  const manifest = apollo.safeParse(json);
  if (manifest.success) return manifest.data.operations.map(({ id, body }) => [id, body]);
  const map = relay.safeParse(json);
  if (map.success && !('format' in map.data)) return Object.entries(map.data);
  throw new StartupError(
    `${file} is no manifest of persisted documents: expected { "<id>": "<operation>" } or Apollo's manifest, version 1.`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function add(documents: Map<string, string>, given: { id: string; document: string; file: string }): void {
  const { id, document, file } = given;
  try {
    parse(document, { maxTokens: maximumTokens, noLocation: true });
  } catch (error) {
    throw new StartupError(`${file}: the operation ${id} can't be read. ${(error as Error).message}`);
  }
  const known = documents.get(id);
  if (known !== undefined && known !== document)
    throw new StartupError(`${file}: the id ${id} stands for another operation, too.`);
  documents.set(id, document);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function unreadable(path: string, error: unknown): StartupError {
  const { message } = error as Error;
  return new StartupError(`RUNDUM_TRUSTED_DOCUMENTS: ${path} can't be read (${message}).`);
}
