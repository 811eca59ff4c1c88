import type { Json } from '../kernel/json.ts';
import type { ValueTest } from './condition.ts';

/** The test as it is stored. Throws `BAD_USER_INPUT`. */
export function checkValueTest(given: ValueTest, _field: string): ValueTest {
  return given;
}

/** `undefined`: never set. */
export function testValue(value: Json | undefined, test: ValueTest): boolean {
  return JSON.stringify(value) === JSON.stringify(test.value);
}
