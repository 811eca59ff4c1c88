import { fingerprintUuid } from '../../kernel/ids.ts';
import { checkIdempotencyKey } from '../../kernel/request-input.ts';

/** The id of what a request makes. Of this API key's: two integrations that count from 1 don't meet. */
export function requestId(kind: string, keyId: string, idempotencyKey: string, field = 'input.idempotencyKey'): string {
  checkIdempotencyKey(idempotencyKey, field);
  return fingerprintUuid(`${kind}\n${keyId}\n${idempotencyKey}`);
}
