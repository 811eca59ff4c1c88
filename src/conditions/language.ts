import { badInput } from '../kernel/errors.ts';
import type { Json } from '../kernel/json.ts';
import type { Condition, Leaf, LeafName } from './condition.ts';
import type { CustomerFacts } from './facts.ts';
import { type Dependence, type LeafKind, type Needs, union } from './leaf-kind.ts';
import type { Moment } from './moment.ts';

const deepest = 8;
const mostLeaves = 50;

/** A node of a judged condition, with what its leaves found. */
export interface Judgement {
  readonly condition: Condition;
  readonly verdict: boolean;
  /** Of a leaf: what was found. */
  readonly found?: Json;
  readonly parts: readonly Judgement[];
}

/** The condition language: the tree, over the kinds of leaves that are registered. Pure. */
export class ConditionLanguage {
  readonly #kinds: ReadonlyMap<string, LeafKind>;

  constructor(kinds: readonly LeafKind[]) {
    this.#kinds = new Map(kinds.map((kind) => [kind.name, kind]));
  }

  /** The condition as it is stored. Throws `BAD_USER_INPUT` with the path of the fault, such as `definition.all[1].event`. */
  check(given: Condition, field = 'definition'): Condition {
    const room = { leaves: mostLeaves };
    return this.#check(given, { field, depth: 1, room });
  }

  needs(condition: Condition): Needs {
    if ('all' in condition) return union(condition.all.map((part) => this.needs(part)));
    if ('any' in condition) return union(condition.any.map((part) => this.needs(part)));
    if ('not' in condition) return this.needs(condition.not);
    const { kind, leaf } = this.#split(condition);
    return union([kind.needs(leaf, (nested) => this.needs(nested))]);
  }

  /** The touchpoints that `needs` names, leaf by leaf: with how far back they matter. */
  dependences(condition: Condition): Dependence[] {
    if ('all' in condition) return condition.all.flatMap((part) => this.dependences(part));
    if ('any' in condition) return condition.any.flatMap((part) => this.dependences(part));
    if ('not' in condition) return this.dependences(condition.not);
    const { kind, leaf } = this.#split(condition);
    return [{ types: this.needs(condition).types, since: (moment) => kind.since?.(leaf, moment) ?? null }];
  }

  cost(condition: Condition): number {
    if ('all' in condition) return sum(condition.all.map((part) => this.cost(part)));
    if ('any' in condition) return sum(condition.any.map((part) => this.cost(part)));
    if ('not' in condition) return this.cost(condition.not);
    const { kind, leaf } = this.#split(condition);
    return kind.cost(leaf, (nested) => this.cost(nested));
  }

  /** By the facts alone. Every part is judged, also where the others decide already: people ask why. */
  judge(condition: Condition, facts: CustomerFacts, moment: Moment): Judgement {
    const judgeAll = (parts: readonly Condition[]) => parts.map((part) => this.judge(part, facts, moment));
    if ('all' in condition) {
      const parts = judgeAll(condition.all);
      return { condition, verdict: parts.every(({ verdict }) => verdict), parts };
    }
    if ('any' in condition) {
      const parts = judgeAll(condition.any);
      return { condition, verdict: parts.some(({ verdict }) => verdict), parts };
    }
    if ('not' in condition) {
      const parts = judgeAll([condition.not]);
      return { condition, verdict: !parts[0]!.verdict, parts };
    }
    const { kind, leaf } = this.#split(condition);
    const nested = (inner: Condition, of: CustomerFacts, at: Moment) => this.judge(inner, of, at).verdict;
    return { condition, ...kind.judge(leaf, facts, moment, nested), parts: [] };
  }

  #check(given: Condition, place: Place): Condition {
    const { field, depth, room } = place;
    if (depth > deepest) throw badInput(`Conditions can be nested ${deepest} deep, not deeper.`, field);
    const [name, ...others] = namesIn(given);
    if (name === undefined || others.length > 0) throw notOne([name, ...others], field);
    const at = { field: `${field}.${name}`, depth: depth + 1, room };
    const inner = (given as Given)[name];
    if (name === 'all') return { all: this.#checkParts(inner as Condition[], at) };
    if (name === 'any') return { any: this.#checkParts(inner as Condition[], at) };
    if (name === 'not') return { not: this.#check(inner as Condition, at) };
    room.leaves -= 1;
    if (room.leaves < 0) throw badInput(`A condition can hold ${mostLeaves} leaves, not more.`, at.field);
    const kind = this.#kinds.get(name);
    if (!kind) throw badInput(`Expected one of ${this.#names()}, got ${JSON.stringify(name.slice(0, 80))}.`, field);
    const nested = (condition: Condition, below: string) => this.#check(condition, { ...at, field: below });
    return { [name]: kind.check(inner as never, at.field, nested) } as Leaf;
  }

  #checkParts(parts: readonly Condition[], place: Place): Condition[] {
    if (!Array.isArray(parts) || parts.length === 0) {
      throw badInput('Expected at least one condition in the list.', place.field);
    }
    return parts.map((part, index) => this.#check(part, { ...place, field: `${place.field}[${index}]` }));
  }

  #names(): string {
    return ['all', 'any', 'not', ...this.#kinds.keys()].join(', ');
  }

  #split(condition: Leaf): { kind: LeafKind; leaf: never } {
    const name = leafName(condition);
    const kind = this.#kinds.get(name);
    if (!kind) throw new Error(`No module has registered conditions of the kind ${name}.`);
    return { kind, leaf: (condition as Given)[name] as never };
  }
}

interface Place {
  readonly field: string;
  readonly depth: number;
  readonly room: { leaves: number };
}

type Given = Readonly<Record<string, unknown>>;

/** The one member of a leaf. */
export function leafName(leaf: Leaf): LeafName {
  return Object.keys(leaf)[0] as LeafName;
}

/** The members that are given; those that are null are not. */
function namesIn(given: Condition): string[] {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return [];
  return Object.keys(given).filter((key) => (given as Given)[key] != null);
}

function notOne(names: readonly (string | undefined)[], field: string): Error {
  return badInput(`Expected exactly one kind of condition here, got ${names.join(' and ') || 'none'}.`, field);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
