import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError, type ErrorCode } from '../kernel/errors.ts';
import { fingerprintUuid } from '../kernel/ids.ts';
import type { ImportSink, SinkResult } from '../touchpoints/import.service.ts';
import type { ImportProgress, ProgressStore } from '../touchpoints/import-progress.ts';
import { patient } from '../touchpoints/import-sinks.ts';
import type { TouchpointDraft } from '../touchpoints/touchpoint.ts';

/** Below what servers and proxies usually let pass in one request. */
const maximumBodyBytes = 900_000;

const mutation = `mutation Import($events: [TouchpointInput!]!) {
  ingest(events: $events) { results { status code message warnings { code } } }
}`;

interface Answer {
  readonly data?: { readonly ingest: { readonly results: SinkResult[] } } | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: { readonly code?: string } & Record<string, unknown>;
  }[];
}

/** Hands over to a server's public API, in as many calls as the size of a request body asks for. */
export function remoteSink(url: URL, key: string): ImportSink {
  const send = patient((drafts) => post(url, key, drafts));
  return async function sendAll(drafts: TouchpointDraft[]): Promise<readonly SinkResult[]> {
    if (drafts.length <= 1 || Buffer.byteLength(JSON.stringify(drafts)) <= maximumBodyBytes) return send(drafts);
    const half = Math.ceil(drafts.length / 2);
    return [...(await sendAll(drafts.slice(0, half))), ...(await sendAll(drafts.slice(half)))];
  };
}

async function post(url: URL, key: string, events: TouchpointDraft[]): Promise<SinkResult[]> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ query: mutation, variables: { events } }),
  }).catch((cause: unknown) => {
    throw new DomainError('SERVICE_UNAVAILABLE', `${url.origin} can't be reached: ${reasonOf(cause)}.`);
  });
  const answer = await readAnswer(response, url);
  const [error] = answer.errors ?? [];
  if (error)
    throw new DomainError(
      (error.extensions?.code ?? 'INTERNAL_SERVER_ERROR') as ErrorCode,
      error.message,
      error.extensions,
    );
  if (answer.data) return answer.data.ingest.results;
  throw new DomainError('INTERNAL_SERVER_ERROR', `${url.origin} answered neither data nor errors.`);
}

async function readAnswer(response: Response, url: URL): Promise<Answer> {
  try {
    return (await response.json()) as Answer;
  } catch {
    const code = response.status >= 500 ? 'SERVICE_UNAVAILABLE' : 'BAD_USER_INPUT';
    throw new DomainError(code, `${url.href} answered ${response.status} and no JSON: is it a Rundum API?`);
  }
}

/** fetch says "fetch failed" and keeps the reason for itself. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : String(cause);
}

/** Progress of imports over the network, kept on this side: one small file for each import and server. */
export function progressFiles(folder: string, url: URL): ProgressStore {
  const pathOf = (id: string) => join(folder, `${fingerprintUuid(`${id} ${url.href}`)}.json`);
  return {
    async load(id) {
      const text = await readFile(pathOf(id), 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      return text === undefined ? undefined : (JSON.parse(text) as ImportProgress);
    },
    async save(progress) {
      await mkdir(folder, { recursive: true });
      const path = pathOf(progress.id);
      // A rename is whole or not at all: an interruption leaves the old progress or the new one.
      await writeFile(`${path}.new`, JSON.stringify(progress));
      await rename(`${path}.new`, path);
    },
  };
}
