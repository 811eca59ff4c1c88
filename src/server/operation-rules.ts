import type { Authenticator } from '../access/authenticator.service.ts';
import { hasScope, isScope } from '../access/scopes.ts';
import type { Config } from '../kernel/config.ts';
import type { Viewer } from '../kernel/context.ts';
import { StartupError } from '../kernel/startup-error.ts';
import { TrustedDocuments } from './persisted-documents.ts';
import { readTrustedDocuments } from './persisted-manifest.ts';

/** By what operations are held, beside what the schema says. */
export interface OperationRules {
  readonly keys: Pick<Authenticator, 'charge' | 'settle' | 'limitsOf'>;
  /** What one operation may cost at worst, in points. */
  readonly maximumCost: number;
  readonly documents: TrustedDocuments;
  mayIntrospect(viewer: Viewer): boolean;
}

type Settings = Pick<
  Config,
  | 'maximumCost'
  | 'costPerMinute'
  | 'keyGuessesPerMinute'
  | 'introspection'
  | 'trustedDocuments'
  | 'trustedDocumentsOnly'
>;

/** What limits keys, as the operator set it. */
export function accessLimits({ costPerMinute, keyGuessesPerMinute }: Settings) {
  return { costPerMinute: costPerMinute || null, guessesPerMinute: keyGuessesPerMinute || null };
}

/** Throws a `StartupError` for documents that cannot be read, and for a scope that does not exist. */
export async function openOperationRules(keys: OperationRules['keys'], settings: Settings): Promise<OperationRules> {
  const { trustedDocuments: path, trustedDocumentsOnly: only } = settings;
  if (only && path === undefined)
    throw new StartupError('RUNDUM_TRUSTED_DOCUMENTS_ONLY needs RUNDUM_TRUSTED_DOCUMENTS: nothing could be run.');
  const documents = new TrustedDocuments(path === undefined ? undefined : await readTrustedDocuments(path), { only });
  return { keys, maximumCost: settings.maximumCost, documents, mayIntrospect: introspection(settings.introspection) };
}

function introspection(policy: string): OperationRules['mayIntrospect'] {
  if (policy === 'on') return () => true;
  if (policy === 'off') return () => false;
  if (!isScope(policy)) throw new StartupError(`RUNDUM_INTROSPECTION must be on, off or a scope (it is "${policy}").`);
  return (viewer) => hasScope({ viewer }, policy);
}

/** For what runs operations without keys. */
export const noRules: OperationRules = {
  keys: { charge: () => undefined, settle: () => {}, limitsOf: () => [] },
  maximumCost: Number.POSITIVE_INFINITY,
  documents: new TrustedDocuments(undefined),
  mayIntrospect: () => true,
};
