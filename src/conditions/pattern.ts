import { RE2JS } from 're2js';
import { badInput } from '../kernel/errors.ts';

/**
 * A regular expression in what RE2 and PostgreSQL have in common, and both run in time linear to the text. It may be found
 * anywhere in the text; `^` and `$` are its very beginning and end. Everything means what it means in RE2: `\d`, `\w` and
 * `\s` are ASCII, `.` is any character but a line break.
 */
export type Pattern =
  | { readonly set: readonly Range[]; readonly negated: boolean }
  | { readonly anchor: '^' | '$' }
  | { readonly repeated: Pattern; readonly least: number; readonly most: number | null }
  | { readonly sequence: readonly Pattern[] }
  | { readonly choice: readonly Pattern[] };

/** Code points, both ends included. */
export type Range = readonly [from: number, to: number];

const longestPattern = 200;
const mostRepetitions = 100;
/**
 * Characters and classes once all counted repetitions are written out. What PostgreSQL builds for them grows faster than
 * they do: 200 that may be left out take it some 20 ms, 300 take seconds.
 */
const largestSize = 200;
const supported =
  'Patterns are made of characters, `.`, `[a-z]`, `[^a-z]`, `\\d`, `\\w`, `\\s`, `\\D`, `\\W`, `\\S`, `^`, `$`, groups `( )`, ' +
  '`|` and `*`, `+`, `?`, `{2}`, `{2,}`, `{2,4}`; a backslash takes any other sign as it is.';

/** Throws `BAD_USER_INPUT` for what is not supported. */
export function checkPattern(text: string, field: string): string {
  if (text.length > longestPattern) {
    throw badInput(`Expected a pattern of at most ${longestPattern} characters, got ${text.length}.`, field);
  }
  try {
    const size = sizeOf(readPattern(text));
    if (size > largestSize)
      throw new Unsupported(`With its repetitions it has ${size} parts, ${largestSize} is the most.`);
    RE2JS.compile(text);
  } catch (error) {
    throw badInput(`The pattern is not supported: ${(error as Error).message} ${supported}`, field);
  }
  return text;
}

const compiled = new Map<string, RE2JS>();

export function matchesPattern(text: string, pattern: string): boolean {
  const known = compiled.get(pattern) ?? RE2JS.compile(pattern);
  if (compiled.size >= 1000) compiled.clear();
  compiled.set(pattern, known);
  return known.matcher(text).find();
}

function sizeOf(pattern: Pattern): number {
  if ('sequence' in pattern) return Math.max(1, sumOf(pattern.sequence));
  if ('choice' in pattern) return sumOf(pattern.choice);
  if ('repeated' in pattern) return sizeOf(pattern.repeated) * Math.max(1, pattern.most ?? pattern.least + 1);
  return 1;
}

function sumOf(parts: readonly Pattern[]): number {
  return parts.reduce((sum, part) => sum + sizeOf(part), 0);
}

class Unsupported extends Error {}

export function readPattern(text: string): Pattern {
  return new PatternReader(text).readAll();
}

const digits: readonly Range[] = [[0x30, 0x39]];
const classes: Readonly<Record<string, readonly Range[]>> = {
  d: digits,
  w: [...digits, [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]],
  s: [
    [0x09, 0x0a],
    [0x0c, 0x0d],
    [0x20, 0x20],
  ],
};
const lineBreak: readonly Range[] = [[0x0a, 0x0a]];
const controls: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };
const repetition = /^\{(\d{1,4})(?:(,)(\d{1,4})?)?\}/;

class PatternReader {
  readonly #characters: readonly string[];
  #place = 0;

  constructor(text: string) {
    this.#characters = [...text];
  }

  readAll(): Pattern {
    const pattern = this.#choice();
    if (this.#next !== undefined) throw this.#fault('a `)` without its `(`');
    return pattern;
  }

  get #next(): string | undefined {
    return this.#characters[this.#place];
  }

  #takes(sign: string): boolean {
    if (this.#next !== sign) return false;
    this.#place += 1;
    return true;
  }

  #fault(what: string): Unsupported {
    return new Unsupported(`${what} at character ${this.#place + 1}.`);
  }

  #choice(): Pattern {
    const branches = [this.#sequence()];
    while (this.#takes('|')) branches.push(this.#sequence());
    return branches.length === 1 ? branches[0]! : { choice: branches };
  }

  #sequence(): Pattern {
    const parts: Pattern[] = [];
    while (this.#next !== undefined && this.#next !== '|' && this.#next !== ')') parts.push(this.#repeated());
    return parts.length === 1 ? parts[0]! : { sequence: parts };
  }

  #repeated(): Pattern {
    const part = this.#part();
    const times = this.#times();
    if (!times) return part;
    if ('anchor' in part) throw this.#fault('a repeated `^` or `$` before the repetition');
    if (this.#next === '?') throw this.#fault('a lazy repetition');
    if (this.#times()) throw this.#fault('a repetition of a repetition');
    return { repeated: part, ...times };
  }

  #times(): { least: number; most: number | null } | undefined {
    if (this.#takes('*')) return { least: 0, most: null };
    if (this.#takes('+')) return { least: 1, most: null };
    if (this.#takes('?')) return { least: 0, most: 1 };
    return this.#next === '{' ? this.#counted() : undefined;
  }

  #counted(): { least: number; most: number | null } {
    const [all, from, open, to] = repetition.exec(this.#characters.slice(this.#place, this.#place + 11).join('')) ?? [];
    if (all === undefined) throw this.#fault('a `{` that begins no repetition, put a backslash before it,');
    const least = Number(from);
    const most = open === undefined ? least : to === undefined ? null : Number(to);
    if (Math.max(least, most ?? 0) > mostRepetitions) throw this.#fault(`more than ${mostRepetitions} repetitions`);
    if (most !== null && most < least) throw this.#fault('a repetition whose upper end is below its lower one');
    this.#place += all.length;
    return { least, most };
  }

  #part(): Pattern {
    const sign = this.#next!;
    if ('*+?{'.includes(sign)) throw this.#fault(`a \`${sign}\` with nothing to repeat`);
    if (sign === '\\') return this.#escaped();
    this.#place += 1;
    if (sign === '^' || sign === '$') return { anchor: sign };
    if (sign === '.') return { set: lineBreak, negated: true };
    if (sign === '(') return this.#group();
    if (sign === '[') return this.#set();
    return one(sign);
  }

  #group(): Pattern {
    if (this.#takes('?') && !this.#takes(':')) throw this.#fault('a group with an option, a name or a look around');
    const inner = this.#choice();
    if (!this.#takes(')')) throw this.#fault('a missing `)`');
    // A sequence of its own, so that what repeats it repeats all of it.
    return { sequence: [inner] };
  }

  #escaped(): Pattern {
    const ranges = this.#escapedClass();
    if (ranges) return { set: ranges, negated: false };
    const excluded = classes[this.#characters[this.#place + 1]?.toLowerCase() ?? ''];
    if (!excluded) return one(this.#escapedCharacter());
    this.#place += 2;
    return { set: excluded, negated: true };
  }

  #escapedClass(): readonly Range[] | undefined {
    const ranges = this.#next === '\\' ? classes[this.#characters[this.#place + 1] ?? ''] : undefined;
    if (ranges) this.#place += 2;
    return ranges;
  }

  /** One character, which may stand behind a backslash. */
  #escapedCharacter(): string {
    if (!this.#takes('\\')) {
      this.#place += 1;
      return this.#characters[this.#place - 1]!;
    }
    const sign = this.#next ?? '';
    const character = controls[sign] ?? (/^[!-/:-@[-`{-~]$/.test(sign) ? sign : undefined);
    if (character === undefined) throw this.#fault(`a backslash before ${sign === '' ? 'nothing' : `\`${sign}\``}`);
    this.#place += 1;
    return character;
  }

  #set(): Pattern {
    const negated = this.#takes('^');
    const set: Range[] = [];
    if (this.#next === ']') throw this.#fault('an empty set, put a backslash before a `]` that is meant');
    while (!this.#takes(']')) set.push(...this.#setMember());
    return { set, negated };
  }

  #setMember(): readonly Range[] {
    const ranges = this.#escapedClass();
    if (ranges) {
      if (this.#next === '-') throw this.#fault('a `-` behind a class, put a backslash before it,');
      return ranges;
    }
    const from = this.#setCharacter();
    const isRange = this.#next === '-' && this.#characters[this.#place + 1] !== ']';
    if (!isRange) return [[from, from]];
    this.#place += 1;
    const to = this.#setCharacter();
    if (to < from) throw this.#fault('a range whose end comes before its beginning');
    if (this.#next === '-') throw this.#fault('a `-` behind a range, put a backslash before it,');
    return [[from, to]];
  }

  #setCharacter(): number {
    if (this.#next === undefined) throw this.#fault('a missing `]`');
    if (this.#next === '[') throw this.#fault('a `[` in a set, put a backslash before it,');
    return this.#escapedCharacter().codePointAt(0)!;
  }
}

function one(character: string): Pattern {
  const code = character.codePointAt(0)!;
  return { set: [[code, code]], negated: false };
}
