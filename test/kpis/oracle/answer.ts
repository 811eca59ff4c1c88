import { type Ask, keysOf, scoped } from './ask.ts';
import type { Definition } from './definition.ts';
import type { Duck, DuckValue } from './duck.ts';

export interface Answer {
  readonly value: number | null;
  /** Of a ratio: of what it is made, and of how much. */
  readonly parts: {
    readonly numerator: number;
    readonly denominator: number;
    readonly n: number;
    /** Standard error; null where there is none. */
    readonly se: number | null;
  } | null;
}

/** Values of the dimensions, then the beginning of the bucket, as one text → the answer. */
export type Answers = ReadonlyMap<string, Answer>;

export function keyText(values: readonly DuckValue[]): string {
  return JSON.stringify(values);
}

/** What the definition says, for every group that there is anything of. */
export async function answer(duck: Duck, definition: Definition, ask: Ask): Promise<Answers> {
  const keys = keysOf(ask);
  const rows = scoped(ask, definition.rows(ask), definition.dimensions);
  const within = definition.within?.(rows, ask) ?? rows;
  const shown = keys.map((key) => (key === 'bucket' ? `epoch_ms(${key})::double as ${key}` : key));
  const found = await duck.rows(`
    select ${[...shown, ...valuesOf(definition)].join(', ')}
    from (${within}) ${keys.length > 0 ? `group by ${keys.join(', ')}` : ''}`);
  return new Map(
    found.map(({ numerator, denominator, n, se = null, value, ...group }) => [
      keyText(Object.values(group)),
      {
        value: numberOf(value!),
        parts: definition.ratio
          ? { numerator: Number(numerator), denominator: Number(denominator), n: Number(n), se: numberOf(se) }
          : null,
      },
    ]),
  );
}

function valuesOf({ ratio, times = 1, n, error, sum, value, money, ofMoney }: Definition): string[] {
  const unit = (isMoney: boolean | undefined) => (isMoney ? `coalesce(power(10, ${digits}), 1)` : '1');
  if (!ratio) return [`(${sum ?? value})::double / ${unit(money)} as value`];
  const [above, below] = ratio;
  return [
    `coalesce(${above}, 0)::double / ${unit(money)} as numerator`,
    `coalesce(${below}, 0)::double / ${unit(ofMoney)} as denominator`,
    `coalesce(${n ?? below}, 0)::double as n`,
    ...(error ? [`(${error})::double as se`] : []),
    `case when denominator = 0 then null else ${times} * numerator / denominator end as value`,
  ];
}

/** Of a group that has one currency, as money is only asked of such. */
const digits = `max(case currency when 'JPY' then 0 when 'KWD' then 3 else 2 end)`;

function numberOf(value: DuckValue): number | null {
  return value === null ? null : Number(value);
}
