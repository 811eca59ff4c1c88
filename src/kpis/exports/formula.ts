/**
 * What spreadsheets start a formula with, or skip before one: OWASP's list (CSV Injection), the line feed of its newer
 * editions, and the full-width forms that some fold to ASCII.
 */
const formulaStart = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;

/** Text that a spreadsheet shows as text: one that it would run gets a quote in front. */
export function withoutFormula(text: string): string {
  return formulaStart.test(text) ? `'${text}` : text;
}
