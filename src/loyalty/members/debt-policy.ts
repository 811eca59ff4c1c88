import type { Program } from '../program.ts';
import { termsAt } from '../terms.ts';

export type DebtOf = (account: { readonly programId: string; readonly wallet: string }) => 'OWED' | 'WRITTEN_OFF';

/** What becomes of points that were spent and then taken back, by what programmes say at an instant. */
export function debtPolicies(programs: readonly Program[], at: Date): DebtOf {
  const byId = new Map(programs.map((program) => [program.id, program]));
  return ({ programId, wallet }) => {
    const program = byId.get(programId);
    const definition = program && (termsAt(program, at)?.definition ?? program.versions.at(-1)?.definition);
    return definition?.wallets.find(({ key }) => key === wallet)?.debt ?? 'OWED';
  };
}
