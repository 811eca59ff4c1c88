/** Why one draft is refused. `code` is stable; `message` says what was expected and what came. */
export class Rejection extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'Rejection';
    this.code = code;
  }
}

/** A value as it may stand in a message: short, quoted, one line. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length <= 80 ? text : `${text.slice(0, 77)}…`;
}
