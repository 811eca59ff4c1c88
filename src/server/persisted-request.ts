import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { idIn } from './persisted-documents.ts';

type Members = Record<string, unknown>;

/**
 * Apollo knows ids of documents by one name, and the draft of GraphQL over HTTP by another: `documentId`, beside `variables`.
 * Here the latter becomes the former. What Apollo would refuse without a code is refused here.
 */
export function takeDocumentId(request: Pick<FastifyRequest, 'method' | 'raw' | 'body'>): void {
  if (request.method === 'GET') takeFromAddress(request.raw);
  else if (isObject(request.body)) takeFromBody(request.body);
}

function takeFromBody(body: Members): void {
  const extensions = isObject(body.extensions) ? body.extensions : {};
  if (extensions.persistedQuery) check(body.query, extensions.persistedQuery);
  const id = idIn({ documentId: body.documentId, extensions });
  if (body.query || id === undefined || extensions.persistedQuery) return;
  delete body.query;
  body.extensions = { ...extensions, ...persistedQuery(id) };
}

function takeFromAddress(raw: { url?: string }): void {
  const [path = '', search = ''] = (raw.url ?? '').split('?');
  const parameters = new URLSearchParams(search);
  const extensions = readObject(parameters.get('extensions'));
  if (extensions?.persistedQuery) check(parameters.get('query'), extensions.persistedQuery);
  const id = idIn({ documentId: parameters.get('documentId'), extensions });
  // What is no object, or there twice, is for Apollo to refuse.
  if (parameters.has('query') || id === undefined || !extensions || extensions.persistedQuery) return;
  parameters.set('extensions', JSON.stringify({ ...extensions, ...persistedQuery(id) }));
  raw.url = `${path}?${parameters}`;
}

function check(query: unknown, persisted: unknown): void {
  const { version, sha256Hash } = persisted as Members;
  if (version !== 1) throw badRequest('Expected extensions.persistedQuery.version to be 1.');
  if (typeof sha256Hash !== 'string') throw badRequest('Expected extensions.persistedQuery.sha256Hash to be text.');
  if (typeof query !== 'string' || query === '') return;
  if (createHash('sha256').update(query).digest('hex') === sha256Hash) return;
  throw badRequest('extensions.persistedQuery.sha256Hash is not the SHA-256 of the query beside it.');
}

function persistedQuery(id: string) {
  return { persistedQuery: { version: 1, sha256Hash: id } };
}

function readObject(text: string | null): Members | undefined {
  if (text === null) return {};
  try {
    const value = JSON.parse(text) as unknown;
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function badRequest(message: string): Error {
  return Object.assign(new Error(message), { statusCode: 400 });
}
