import pino from 'pino';

/** Structured log. Never give it traits, identifiers or whole events: they are personal data. */
export type Logger = pino.Logger;

/** Names under which personal data or secrets travel. The log drops them wherever a mistake lets one through. */
const privateNames = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'apiKey',
  'key',
  'token',
  'traits',
  'identifiers',
  'identifier',
  'properties',
  'context',
  'lines',
  'event',
  'events',
  'drafts',
  'variables',
  'parameters',
  'email',
  'phone',
  'firstName',
  'lastName',
  'name',
  'address',
  'birthDate',
];

/** Redaction looks this deep: a field of the line itself, of an object in it, of an object in that one, … */
const depths = ['', '*.', '*.*.', '*.*.*.'];

export const redactedPaths = depths.flatMap((prefix) => privateNames.map((name) => prefix + name));

/** `destination` is for tests; by default lines go to standard output as JSON. */
export function createLog(level: string, destination?: pino.DestinationStream): Logger {
  const options: pino.LoggerOptions = {
    level,
    base: undefined,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: redactedPaths, censor: '[redacted]' },
    serializers: { err: errorWithoutData },
  };
  return destination ? pino(options, destination) : pino(options);
}

/**
 * PostgreSQL's errors carry the statement, its parameters and the offending values: `Key (email)=(…) already exists`,
 * or `invalid input syntax for type integer: "…"`. What is kept is enough to find the statement.
 */
function errorWithoutData(error: Error): object {
  const { code, constraint_name, table_name, routine } = error as Error & Record<string, unknown>;
  const { type, message, stack } = pino.stdSerializers.err(error);
  const clean = isDataException(code) ? withoutQuotes : (text: string) => text;
  return {
    type,
    message: clean(message),
    stack: clean(stack),
    code,
    constraint: constraint_name,
    table: table_name,
    routine,
  };
}

/** SQLSTATE class 22: a value was not what it should be, and the message quotes it. */
function isDataException(code: unknown): boolean {
  return typeof code === 'string' && /^22...$/.test(code);
}

function withoutQuotes(text: string): string {
  return text.replace(/"[^"]*"/g, '"[redacted]"');
}
