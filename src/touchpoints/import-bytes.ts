import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline, type Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { badInput } from '../kernel/errors.ts';

/**
 * Stands for bytes that are no UTF-8. A Unicode noncharacter, so that a file can't mean it, whereas the usual U+FFFD
 * may well be in a valid file that was damaged earlier.
 */
export const invalidBytes = '\uFFFF';

export interface FileBytes {
  /** UTF-8 without a byte order mark; what was invalid is {@link invalidBytes}. */
  readonly content: Readable;
  /** Bytes of the file read so far, compressed ones where it is compressed: what an ETA can be made of. */
  bytesRead(): number;
}

export async function sizeOf(file: string): Promise<number> {
  const found = await stat(file).catch((cause: unknown) => {
    throw badInput(`Can't read ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, 'file');
  });
  if (!found.isFile()) throw badInput(`${file} is not a file.`, 'file');
  return found.size;
}

/**
 * SHA-256 over the whole file. Size, times or samples would be quicker to get and could be fooled; reading a file once
 * more takes about a second per gigabyte, where importing a gigabyte takes many minutes.
 */
export async function contentHash(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Opens a file, gunzipping it where its first bytes say so, whatever its name is. */
export async function openBytes(file: string, encoding = 'utf-8'): Promise<FileBytes> {
  const compressed = await startsAsGzip(file);
  const source = createReadStream(file, { highWaterMark: 1 << 18 });
  const decode = encoding.toLowerCase() === 'utf-8' ? markInvalidUtf8() : transcode(encoding);
  // The callback only has to exist: whoever reads `content` meets its error there.
  const content = compressed ? pipeline(source, createGunzip(), decode, () => {}) : pipeline(source, decode, () => {});
  return { content, bytesRead: () => source.bytesRead };
}

async function startsAsGzip(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    const start = buffer.toString('latin1', 0, bytesRead);
    if (start === 'PK\x03\x04' || start === '\x28\xb5\x2f\xfd') {
      throw badInput('This file is compressed, but not by gzip: unpack it first.', 'file');
    }
    return start.startsWith('\x1f\x8b');
  } finally {
    await handle.close();
  }
}

function markInvalidUtf8(): Transform {
  let rest: Buffer = Buffer.alloc(0);
  let started = false;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      if (!started && bytes.length < 3) {
        rest = bytes;
        return done();
      }
      if (!started && bytes.subarray(0, 3).equals(byteOrderMark)) bytes = bytes.subarray(3);
      started = true;
      const end = bytes.length - unfinishedBytes(bytes);
      rest = bytes.subarray(end);
      done(null, marked(bytes.subarray(0, end)));
    },
    flush(done) {
      done(null, marked(rest));
    },
  });
}

const byteOrderMark = Buffer.from('\uFEFF');

/** How many bytes at the end begin a character that the next chunk may finish: at most three. */
function unfinishedBytes(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? back : 0;
  }
  return 0;
}

/** Marks line by line, so that only the lines that hold invalid bytes pay, and are refused, for them. */
function marked(bytes: Buffer): Buffer {
  if (isUtf8(bytes)) return bytes;
  const lines: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline + 1;
    const line = bytes.subarray(start, end);
    lines.push(isUtf8(line) ? line : Buffer.from(line.toString('utf8').replaceAll('\uFFFD', invalidBytes)));
    start = end;
  }
  return Buffer.concat(lines);
}

function transcode(encoding: string): Transform {
  const decoder = new TextDecoder(encoding);
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => done(null, Buffer.from(decoder.decode(chunk, { stream: true }))),
    flush: (done) => done(null, Buffer.from(decoder.decode())),
  });
}
