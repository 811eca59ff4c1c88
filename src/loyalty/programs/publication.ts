import { badInput } from '../../kernel/errors.ts';
import type { LeverValue, ProgramDefinition, ProgramVersion } from '../program.ts';
import { leverAt, versionAt } from '../terms.ts';
import { checkDecimal } from './check-value.ts';
import { checkLeverValue } from './rule-settings.ts';

/** What a new version, or a lever that is turned, has to agree with: what the programme has said and will say. */

/** Balances are in the wallets of all versions: one that is left out would hide them. */
export function checkWalletsStay(
  { wallets }: Pick<ProgramDefinition, 'wallets'>,
  published: readonly Pick<ProgramVersion, 'version' | 'definition'>[],
  field: string,
): void {
  for (const { version, definition } of published) {
    const gone = definition.wallets.find(({ key }) => !wallets.some((wallet) => wallet.key === key));
    if (gone) throw badInput(`The wallet ${gone.key} of version ${version} has to stay: it may hold points.`, field);
  }
}

/** Levers were turned within the bounds of the version of that time; those of the next one may be narrower. */
export function checkLeversFit(
  definition: ProgramDefinition,
  { leverValues, effectiveAt }: { leverValues: readonly LeverValue[]; effectiveAt: Date },
): void {
  const instants = [effectiveAt, ...leverValues.flatMap((turn) => [turn.effectiveAt, turn.until ?? effectiveAt])];
  for (const lever of definition.levers) {
    for (const at of instants.filter((instant) => instant >= effectiveAt)) {
      const value = leverAt({ leverValues }, definition, { lever: lever.key, at });
      checkLeverValue(definition, lever, { value, field: 'input.programId' });
    }
  }
}

/** By all versions that are in force while it holds. Answers the value as it is stored. */
export function checkTurn(
  versions: readonly ProgramVersion[],
  { lever: key, value: given, effectiveAt, until }: LeverValue,
): string {
  const value = checkDecimal(given, 'input.value');
  const first = versionAt({ versions }, effectiveAt);
  if (!first) throw badInput('No version is in force then: publish one.', 'input.effectiveAt');
  if (!first.definition.levers.some((lever) => lever.key === key)) throw noLever(key, first);
  const later = versions.filter((one) => one.effectiveAt > effectiveAt && (until === null || one.effectiveAt < until));
  for (const { definition } of [first, ...later]) {
    const lever = definition.levers.find((one) => one.key === key);
    if (lever) checkLeverValue(definition, lever, { value, field: 'input.value' });
  }
  return value;
}

function noLever(key: string, { version, definition }: ProgramVersion) {
  const known = definition.levers.map((lever) => lever.key).join(', ') || 'none';
  return badInput(
    `There is no lever ${JSON.stringify(key.slice(0, 80))} in version ${version}; there is: ${known}.`,
    'input.lever',
  );
}
