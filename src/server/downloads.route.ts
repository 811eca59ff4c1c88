import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticator } from '../access/authenticator.service.ts';
import type { Context, Viewer } from '../kernel/context.ts';
import { DomainError } from '../kernel/errors.ts';
import type { Downloads } from '../kpis/exports/downloads.service.ts';
import { listExports } from '../kpis/exports/entity-export.service.ts';
import { chooseFormat, exportFormats } from '../kpis/exports/export-format.ts';
import type { ExportTable } from '../kpis/exports/export-table.ts';
import { givenQuery } from '../kpis/exports/given-query.ts';
import { exportMetrics } from '../kpis/exports/metric-export.service.ts';
import { revalidate } from '../kpis/exports/revalidation.service.ts';
import { findSaved, noSavedQuery } from '../kpis/exports/saved-query.service.ts';
import { writeTable } from '../kpis/exports/write-table.ts';
import type { AddressOf } from './client-address.ts';
import type { ContextFactory } from './context.ts';
import { type DownloadRequest, readDownload, readMetricDownload } from './download-request.ts';

export interface DownloadRoutes {
  readonly authenticator: Pick<Authenticator, 'authenticate' | 'spend' | 'charge' | 'onEnd'>;
  readonly addressOf: AddressOf;
  readonly createContext: ContextFactory;
  readonly downloads: Downloads;
}

/** In points, as `Query.metrics`: how much of a list is taken is up to its reader. */
const downloadCost = 500;

/** A metric query is a small thing. */
const maximumBody = 256 * 1024;

/** Downloads, for tools that want files and addresses instead of GraphQL. */
export function serveDownloads(app: FastifyInstance, routes: DownloadRoutes): void {
  const { authenticator, addressOf, createContext, downloads } = routes;
  const running = new Set<Download>();
  // A download may take an hour; the server does not wait for it when it stops.
  app.addHook('preClose', async () => {
    for (const download of running) download.end(new DomainError('SERVICE_UNAVAILABLE', 'The server is stopping.'));
  });

  const onRequest = async (request: FastifyRequest) => {
    request.viewer = await authenticator.authenticate(request.headers.authorization, () => addressOf(request.raw));
    authenticator.spend(request.viewer);
  };
  const contextOf = ({ viewer, id }: FastifyRequest) => createContext(viewer as Viewer, id);

  const send = async (request: FastifyRequest, reply: FastifyReply, { asked, open, etag = null }: Answer) => {
    const ctx = contextOf(request);
    authenticator.charge(ctx.viewer, downloadCost);
    const download = new Download(reply, {
      patience: downloads.patience,
      leave: (why) => authenticator.onEnd(ctx.viewer, why, () => addressOf(request.raw)),
    });
    running.add(download);
    reply.raw.once('close', () => running.delete(download));
    download.hold(await downloads.slots.take(download.signal));
    const format = chooseFormat(asked.format, request.headers.accept);
    const table = await open(ctx, download.signal);
    const bytes = await download.start(writeTable(table, format, asked));
    return reply.headers({ ...headersOf(table, format), ...revisionHeaders(etag) }).send(bytes);
  };

  app.get('/exports', { onRequest }, async (request) => ({ lists: listExports(contextOf(request)).map(describe) }));

  app.post('/exports/metrics', { onRequest, bodyLimit: maximumBody }, (request, reply) => {
    const query = givenQuery(request.body);
    const asked = readMetricDownload(request.query);
    const open: Open = (ctx, signal) => exportMetrics(ctx, downloads.streams, { name: 'metrics', query, signal });
    return send(request, reply, { asked, open });
  });

  app.get<{ Params: { name: string } }>('/exports/metrics/:name', { onRequest }, async (request, reply) => {
    const { name } = request.params;
    const asked = readMetricDownload(request.query);
    const ctx = contextOf(request);
    const saved = await findSaved(ctx, { name });
    if (!saved) throw noSavedQuery({ name });
    const written = { ...asked, format: chooseFormat(asked.format, request.headers.accept) };
    const { query } = saved;
    const ifNoneMatch = request.headers['if-none-match'];
    const { etag, unchanged } = await revalidate(ctx, downloads.streams, { query, written, ifNoneMatch });
    if (unchanged) return reply.code(304).headers(revisionHeaders(etag)).send();
    const open: Open = (own, signal) => exportMetrics(own, downloads.streams, { name, query, signal });
    return send(request, reply, { asked, open, etag });
  });

  app.get<{ Params: { list: string } }>('/exports/:list', { onRequest }, (request, reply) => {
    const asked = readDownload(request.query);
    const open: Open = (ctx, signal) => downloads.entities.open(ctx, { ...asked, list: request.params.list }, signal);
    return send(request, reply, { asked, open });
  });
}

interface Answer {
  readonly asked: DownloadRequest;
  readonly open: Open;
  readonly etag?: string | null;
}

type Open = (ctx: Context, signal: AbortSignal) => ExportTable | Promise<ExportTable>;

type Bytes = AsyncGenerator<string | Uint8Array, void, void>;

/** One answer on its way. Whatever ends it (the reader, the key, the server) ends its statement and gives its slot back. */
export class Download {
  readonly #reply: FastifyReply;
  readonly #abort = new AbortController();
  readonly #patience: number;
  readonly #atEnd: (() => void)[] = [];

  constructor(
    reply: FastifyReply,
    options: { patience: number; leave: (listener: (why: Error) => void) => () => void },
  ) {
    this.#reply = reply;
    this.#patience = options.patience;
    this.hold(options.leave((why) => this.end(why)));
    reply.raw.once('close', () => this.#close());
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** To be called at the end, or at once where that has been. */
  hold(release: () => void): void {
    if (this.#reply.raw.closed) release();
    else this.#atEnd.push(release);
  }

  /** Reads the first page: until it is there, an error is answered as one. */
  async start(bytes: Bytes): Promise<Readable> {
    const first = await bytes.next();
    // Not before: a generator that was never begun does not clear up.
    this.hold(() => void bytes.return().catch(() => {}));
    return Readable.from(this.#watched(first, bytes), { objectMode: false, highWaterMark: 256 * 1024 });
  }

  /** Half an answer must not look like a whole one: the connection is cut. */
  end(why: Error): void {
    this.#abort.abort(why);
    if (this.#reply.raw.headersSent) this.#reply.raw.destroy();
  }

  #close(): void {
    this.#abort.abort(new DomainError('SERVICE_UNAVAILABLE', 'The reader has left.'));
    for (const release of this.#atEnd) release();
  }

  async *#watched(first: IteratorResult<string | Uint8Array, void>, bytes: Bytes) {
    for (let next = first; !next.done; next = await bytes.next()) {
      if (next.value.length === 0) continue;
      const timer = setTimeout(() => this.end(tooSlow()), this.#patience);
      try {
        yield next.value;
      } finally {
        clearTimeout(timer);
      }
    }
  }
}

function tooSlow(): DomainError {
  return new DomainError('SLOW_CONSUMER', 'The reader has taken nothing for too long.');
}

function headersOf({ name, queryHash, asOf }: ExportTable, format: keyof typeof exportFormats): Record<string, string> {
  const { type, extension } = exportFormats[format];
  return {
    'content-type': type,
    'content-disposition': `attachment; filename="${name}.${extension}"`,
    'x-content-type-options': 'nosniff',
    'x-as-of': asOf.toISOString(),
    ...(queryHash === null ? {} : { 'x-query-hash': queryHash }),
  };
}

/** Whoever keeps an answer asks again each time whether it is still right. */
function revisionHeaders(etag: string | null): Record<string, string> {
  const vary = 'accept, authorization';
  return etag === null
    ? { vary, 'cache-control': 'private, no-store' }
    : { vary, etag, 'cache-control': 'private, no-cache' };
}

function describe({ name, description, columns, time }: ReturnType<typeof listExports>[number]): object {
  return {
    name,
    url: `/exports/${name}`,
    description,
    time,
    columns: columns.map(({ name, type, description, filter = false, personal }) => {
      return { name, type, description, filter, onRequest: personal !== undefined };
    }),
  };
}
