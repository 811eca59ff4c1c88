import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Authenticator } from '../access/authenticator.service.ts';
import type { Viewer } from '../kernel/context.ts';
import { badInput, DomainError } from '../kernel/errors.ts';
import { fromPublicId } from '../kernel/ids.ts';
import type { DownloadSlots } from '../kpis/exports/download-slots.ts';
import type { AccessExportService } from '../privacy/subject-access/access-export.service.ts';
import {
  type ExportDocumentFormat,
  exportDocumentFormats,
  writeExportDocument,
  writeExportLines,
} from '../privacy/subject-access/export-document.ts';
import type { AddressOf } from './client-address.ts';
import type { ContextFactory } from './context.ts';
import { Download } from './downloads.route.ts';

export interface AccessExportRoutes {
  readonly authenticator: Pick<Authenticator, 'authenticate' | 'spend' | 'onEnd'>;
  readonly addressOf: AddressOf;
  readonly createContext: ContextFactory;
  readonly exports: AccessExportService;
  readonly slots: DownloadSlots;
  /** Milliseconds for which a reader may take nothing. */
  readonly patience: number;
}

/** Access exports, read while they are made: a reader who takes their time makes the database wait, and no memory grow. */
export function serveAccessExports(app: FastifyInstance, routes: AccessExportRoutes): void {
  const { authenticator, addressOf, createContext, exports, slots, patience } = routes;
  const running = new Set<Download>();
  app.addHook('preClose', async () => {
    for (const download of running) download.end(new DomainError('SERVICE_UNAVAILABLE', 'The server is stopping.'));
  });
  const onRequest = async (request: FastifyRequest) => {
    request.viewer = await authenticator.authenticate(request.headers.authorization, () => addressOf(request.raw));
    authenticator.spend(request.viewer);
  };

  app.get<{ Params: { id: string } }>('/privacy/exports/:id', { onRequest }, async (request, reply) => {
    const id = fromPublicId('dsr', request.params.id);
    const format = readFormat(request.query as Record<string, unknown>);
    const ctx = createContext(request.viewer as Viewer, request.id);
    const download = new Download(reply, {
      patience,
      leave: (why) => authenticator.onEnd(ctx.viewer, why, () => addressOf(request.raw)),
    });
    running.add(download);
    reply.raw.once('close', () => running.delete(download));
    download.hold(await slots.take(download.signal));
    const parts = exports.open(ctx, id, download.signal);
    const bytes = await download.start(format === 'json' ? writeExportDocument(parts) : writeExportLines(parts));
    const { type, extension } = exportDocumentFormats[format];
    return reply
      .headers({
        'content-type': type,
        'content-disposition': `attachment; filename="${request.params.id}.${extension}"`,
        'x-content-type-options': 'nosniff',
        'cache-control': 'private, no-store',
      })
      .send(bytes);
  });
}

function readFormat({ format = 'ndjson', ...rest }: Record<string, unknown>): ExportDocumentFormat {
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw badInput(`Expected format, got ${JSON.stringify(unknown.slice(0, 80))}.`, 'format');
  if (format === 'ndjson' || format === 'json') return format;
  throw badInput(`Expected ndjson or json, got ${JSON.stringify(format).slice(0, 80)}.`, 'format');
}
