import { createHash } from 'node:crypto';

/** SQL for the UUID (version 8, as the API takes them) that is made of a text, itself given as SQL. */
export const uuidOf = (text: string) => `overlay(overlay(md5(${text}) placing '8' from 13) placing '8' from 17)::uuid`;

/** The same UUID, of the text itself. */
export function uuidFrom(text: string): string {
  const hex = createHash('md5').update(text).digest('hex');
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-8$3-8$4-$5');
}
