import { readPath } from '../../conditions/event-match.ts';
import type { Database } from '../../kernel/database.ts';
import type { ProgramBook } from '../programs/program-book.service.ts';
import { typesOfAll } from './relevance.ts';

/** Types of touchpoints that programmes look at; null: all of them. */
export async function earningTypes(book: ProgramBook, db: Database): Promise<readonly string[] | null> {
  const programs = await book.current(db);
  return programs.length === 0 ? [] : typesOfAll(programs);
}

/** Properties that rules of programmes test: earning anew has to find them. */
export async function testedProperties(book: ProgramBook, db: Database): Promise<readonly string[]> {
  const programs = await book.current(db);
  const rules = programs.flatMap(({ versions }) => versions.flatMap(({ definition }) => definition.rules));
  const paths = rules.flatMap(({ match }) => (match.where ?? []).map(({ property }) => readPath(property)));
  return [...new Set(paths.flatMap((path) => (path.of === 'PROPERTIES' ? path.names.slice(0, 1) : [])))].sort();
}
