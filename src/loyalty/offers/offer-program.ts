import { badInput } from '../../kernel/errors.ts';
import { toPublicId } from '../../kernel/ids.ts';
import type { Program } from '../program.ts';
import { termsAt } from '../terms.ts';
import type { OfferDefinition } from './offer.ts';

/** Throws `BAD_USER_INPUT` where an offer names a programme, tiers or a wallet that there is not. */
export function checkProgram(
  programs: readonly Program[],
  { programId, definition, now }: { programId: string | null; definition: OfferDefinition; now: Date },
): void {
  const wallet = walletOf(definition);
  if (programId === null) {
    if (definition.tiers !== null) throw badInput('Tiers are those of a programme: name it.', 'input.programId');
    if (wallet !== null) throw badInput('Points are those of a programme: name it.', 'input.programId');
    return;
  }
  const program = programs.find(({ id }) => id === programId);
  // One that has been published and is not in force yet will do.
  const said = program && (termsAt(program, now)?.definition ?? program.versions[0]?.definition);
  if (!said) throw badInput(`There is no published programme ${toPublicId('prg', programId)}.`, 'input.programId');
  const tiers = new Set(said.tierScheme?.tiers.map(({ key }) => key));
  const unknown = definition.tiers?.find((tier) => !tiers.has(tier));
  if (unknown !== undefined)
    throw badInput(`The programme has no tier ${JSON.stringify(unknown)}.`, 'input.definition.tiers');
  if (wallet !== null && !said.wallets.some(({ key }) => key === wallet)) {
    throw badInput(`The programme has no wallet ${JSON.stringify(wallet)}.`, 'input.definition.value');
  }
}

function walletOf({ value }: OfferDefinition): string | null {
  if ('points' in value) return value.points.wallet;
  return 'multiplier' in value ? value.multiplier.wallet : null;
}
