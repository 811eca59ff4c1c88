import { badInput } from '../../kernel/errors.ts';
import { fingerprintUuid } from '../../kernel/ids.ts';

/** The id of what a request makes. Of this API key's: two integrations that count from 1 don't meet. */
export function requestId(kind: string, keyId: string, idempotencyKey: string, field = 'input.idempotencyKey'): string {
  if (idempotencyKey.trim() === '' || idempotencyKey.length > 200) {
    throw badInput('An idempotency key has 1 to 200 characters.', field);
  }
  return fingerprintUuid(`${kind}\n${keyId}\n${idempotencyKey}`);
}
