import { unusualExponents } from '../../../kernel/money.ts';

const unusual = [...Map.groupBy(unusualExponents, ([, exponent]) => exponent)].map(([exponent, currencies]) => ({
  exponent,
  list: currencies.map(([currency]) => `'${currency}'`).join(', '),
}));

/** SQL: decimal places of a currency. */
export function exponentOf(currency: string): string {
  const cases = unusual.map(({ exponent, list }) => `when ${currency} in (${list}) then ${exponent}`);
  return `case ${cases.join(' ')} else 2 end`;
}

/** SQL: what a minor unit is of the currency's unit. With it a product has the currency's decimal places. */
export function minorUnitOf(currency: string): string {
  const cases = unusual.map(
    ({ exponent, list }) => `when ${currency} in (${list}) then ${(10 ** -exponent).toFixed(exponent)}`,
  );
  return `(case ${cases.join(' ')} else 0.01 end)`;
}
