import type { FastifyInstance } from 'fastify';
import type { Authenticator } from '../access/authenticator.service.ts';
import type { RateLimit } from '../access/quota.ts';
import type { Clock } from '../kernel/clock.ts';

interface Limits {
  readonly authenticator: Pick<Authenticator, 'limitsOf'>;
  readonly platform: { readonly clock: Clock };
}

/**
 * Tells each caller what limits its key and what is left of it: `RateLimit-Policy` and `RateLimit`, structured fields (RFC 9651)
 * as in draft-ietf-httpapi-ratelimit-headers-11.
 */
export function reportRateLimits(app: FastifyInstance, { authenticator, platform }: Limits): void {
  app.addHook('onSend', async (request, reply) => {
    if (!request.viewer) return;
    const limits = authenticator.limitsOf(request.viewer);
    if (limits.length > 0) reply.headers(rateLimitHeaders(limits, platform.clock.now()));
  });
}

/**
 * Points of cost are none of the registered quota units, and others are not allowed: the parameter is left out, and one of our
 * own says it, as a comment.
 */
export function rateLimitHeaders(limits: readonly RateLimit[], now: Date): Record<string, string> {
  const policies = limits.map(({ name, limit, windowSeconds }) => {
    const unit = name === 'cost' ? ';rundum-unit="points"' : '';
    return `"${name}";q=${limit};w=${windowSeconds}${unit}`;
  });
  const left = limits.map(({ name, remaining, resetsAt }) => {
    // Whole seconds, rounded as `Retry-After` is: neither is to name an earlier moment than the other.
    return `"${name}";r=${remaining};t=${Math.max(0, Math.ceil((resetsAt.getTime() - now.getTime()) / 1_000))}`;
  });
  return { 'ratelimit-policy': policies.join(', '), ratelimit: left.join(', ') };
}
