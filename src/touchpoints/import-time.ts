import { DateTime } from 'luxon';

/** Text of a file → RFC 3339 in UTC; `undefined` when it is no such time. */
export type TimeReader = (text: string) => string | undefined;

/**
 * `iso`, `unix` (seconds), `unix-ms`, or a pattern such as `dd.MM.yyyy HH:mm` (Luxon's tokens). `zone` is where clocks
 * showed that time, unless the text carries its own offset. In the hour that a clock change repeats, the first is meant.
 */
export function compileTime(format: string, zone: string): TimeReader {
  return remembered(readerOf(format, zone));
}

function readerOf(format: string, zone: string): TimeReader {
  if (format === 'unix') return (text) => fromEpoch(text, 1000);
  if (format === 'unix-ms') return (text) => fromEpoch(text, 1);
  if (format === 'iso') return (text) => rfc3339(DateTime.fromISO(text, { zone }));
  const parser = DateTime.buildFormatParser(format);
  return (text) => rfc3339(DateTime.fromFormatParser(text, parser, { zone }));
}

function fromEpoch(text: string, factor: number): string | undefined {
  if (!/^-?\d{1,14}(\.\d{1,9})?$/.test(text)) return undefined;
  return rfc3339(DateTime.fromMillis(Math.round(Number(text) * factor)));
}

function rfc3339(time: DateTime): string | undefined {
  return time.isValid ? (time.toUTC().toISO() ?? undefined) : undefined;
}

/** Neighbouring rows mostly carry the same time, and parsing one is the dearest step of a row. */
function remembered(read: TimeReader): TimeReader {
  let lastText: string | undefined;
  let last: string | undefined;
  return (text) => {
    if (text !== lastText) [lastText, last] = [text, read(text)];
    return last;
  };
}
