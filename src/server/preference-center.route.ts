import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { DomainError } from '../kernel/errors.ts';
import { everyChannel } from '../privacy/consents/consent.ts';
import type { PreferenceCenterService } from '../privacy/preference-center/preference-center.service.ts';
import type { PreferenceCenter } from '../privacy/preference-center/preference-center.ts';
import type { AddressOf } from './client-address.ts';
import { busyPage, centerPage, closedPage, faultPage, pagePolicy } from './preference-center.page.ts';
import { isOneClick, readChoices, readForm, readOneClick } from './preference-center.request.ts';

export interface PreferenceCenterRoutes {
  readonly center: PreferenceCenterService;
  readonly addressOf: AddressOf;
  /** Requests a minute from one address to one node. Default 60. */
  readonly perMinute?: number;
}

const maximumBody = 64 * 1024;

type CenterRequest = FastifyRequest<{ Params: { token: string }; Querystring: Record<string, unknown> }>;

/** What is answered, as a page or as JSON. */
interface Shown {
  readonly status: number;
  readonly page: string;
  readonly json: object;
}

/**
 * The preference centre: for customers, who have no key but the link that they were sent. A page without script, and the same
 * as JSON for those who build their own.
 */
export async function servePreferenceCenter(app: FastifyInstance, routes: PreferenceCenterRoutes): Promise<void> {
  const { center, addressOf, perMinute = 60 } = routes;
  // Of one node: guessing a token is hopeless anyway, and a customer comes back to any node.
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 });
  await app.register(async (scope) => {
    // Forms are read here alone: nowhere else must a form of another site pass for a request.
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: maximumBody },
      async (_request: FastifyRequest, body: string) => new URLSearchParams(body),
    );
    scope.addHook('onRequest', async (request, reply) => {
      const wait = await waitFor(limiter, addressOf(request.raw) ?? 'unknown');
      if (wait === 0) return undefined;
      reply.header('retry-after', wait);
      return answer(request as CenterRequest, reply, busy);
    });
    scope.get('/preferences/:token', async (request: CenterRequest, reply) => {
      const opened = await center.open(request.params.token);
      return answer(request, reply, opened ? showing(opened, false) : closed);
    });
    scope.post('/preferences/:token', { bodyLimit: maximumBody }, async (request: CenterRequest, reply) => {
      try {
        const changed = await change(center, request);
        return answer(request, reply, changed ? showing(changed, true) : closed);
      } catch (error) {
        if (error instanceof DomainError && error.code === 'BAD_USER_INPUT')
          return answer(request, reply, faulty(error));
        throw error;
      }
    });
  });
}

async function change(center: PreferenceCenterService, request: CenterRequest): Promise<PreferenceCenter | undefined> {
  const { params, body, id, query } = request;
  const { token } = params;
  if (!(body instanceof URLSearchParams)) {
    // Whoever has no valid link learns nothing of what a valid body is.
    return (await center.open(token)) && center.update(token, readChoices(body), id);
  }
  const opened = await center.open(token);
  if (!opened) return undefined;
  if (isOneClick(body)) return center.unsubscribe(token, readOneClick(query), id);
  return center.update(token, readForm(body, opened), id);
}

/** Seconds to wait; 0: none. */
async function waitFor(limiter: RateLimiterMemory, address: string): Promise<number> {
  try {
    await limiter.consume(address);
    return 0;
  } catch (refused) {
    const { msBeforeNext } = refused as { msBeforeNext?: number };
    if (msBeforeNext === undefined) throw refused;
    return Math.max(1, Math.ceil(msBeforeNext / 1_000));
  }
}

function answer(request: CenterRequest, reply: FastifyReply, { status, page, json }: Shown): FastifyReply {
  reply.code(status).headers({
    // The address is the key: it must not be kept, found or passed on.
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex, nofollow',
    'x-content-type-options': 'nosniff',
    vary: 'accept',
  });
  if (!wantsPage(request)) return reply.type('application/json; charset=utf-8').send(json);
  return reply.header('content-security-policy', pagePolicy).type('text/html; charset=utf-8').send(page);
}

function wantsPage({ headers }: CenterRequest): boolean {
  const { accept = '' } = headers;
  const form = headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
  return accept.includes('text/html') || (form && !accept.includes('application/json'));
}

function showing(center: PreferenceCenter, saved: boolean): Shown {
  return { status: 200, page: centerPage(center, saved), json: toJson(center) };
}

function toJson({ expiresAt, purposes, preferences }: PreferenceCenter): object {
  return {
    expiresAt,
    purposes: purposes.map(({ name, label, description, choices }) => ({
      ...{ name, label, description },
      choices: choices.map(({ channel, status, statedAt, expiresAt: end }) => {
        return { channel: channel === everyChannel ? null : channel, status, statedAt, expiresAt: end };
      }),
    })),
    preferences,
  };
}

const closed: Shown = {
  status: 404,
  page: closedPage(),
  json: failure('NOT_FOUND', 'This link is not valid. It may be too old.'),
};

const busy: Shown = {
  status: 429,
  page: busyPage(),
  json: failure('RATE_LIMITED', 'Too many requests. Try again in a minute.'),
};

function faulty({ code, message, details }: DomainError): Shown {
  return { status: 400, page: faultPage(message), json: failure(code, message, details) };
}

function failure(code: string, message: string, details: object = {}): object {
  return { errors: [{ message, extensions: { ...details, code } }] };
}
