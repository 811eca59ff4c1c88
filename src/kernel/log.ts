import type pino from 'pino';

/** Structured log. Never give it traits, identifiers or whole events: they are personal data. */
export type Logger = pino.Logger;
