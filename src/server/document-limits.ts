import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  TokenKind,
} from 'graphql';

/** The parser stops here, so nothing behind it ever sees more. Variables are not part of the document. */
export const maximumTokens = 5_000;

/** Brackets of any kind that may be open at once: what recursion over a document's selections, values and types costs. */
const maximumNesting = 60;

/** How large an operation may be after its fragments are written out in full. */
export const documentLimits = {
  depth: 20,
  selections: 2_000,
  rootFields: 50,
  aliases: 200,
  directives: 100,
} as const;

const opening = new Set<string>([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const closing = new Set<string>([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

type Measure = { -readonly [Limit in keyof typeof documentLimits]: number };

const names: Record<keyof Measure, string> = {
  depth: 'levels of fields',
  selections: 'selections',
  rootFields: 'root fields',
  aliases: 'aliases',
  directives: 'directives',
};

/**
 * Refuses documents that would cost too much to validate or to run.
 *
 * It has to come before validation: the rule that compares overlapping fields, with which graphql-js begins, needs time
 * that grows with the square of what fragments expand to. The ready-made limit rules run beside that rule, not before
 * it. Here each fragment is measured once, so the time grows with the length of the document only, whatever it says.
 */
export function checkDocumentLimits(document: DocumentNode): GraphQLError[] {
  if (isNestedTooDeep(document))
    return [refusal(`The document has more than ${maximumNesting} brackets open at once.`)];
  const meter = new Meter(document);
  const errors: GraphQLError[] = [];
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    for (const [limit, count] of Object.entries(meter.measureOperation(definition)) as [keyof Measure, number][]) {
      const most = documentLimits[limit];
      if (count > most)
        errors.push(
          tooLarge(`${count === Infinity ? 'endless' : count} ${names[limit]}; the most is ${most}`, definition),
        );
    }
  }
  return errors;
}

function tooLarge(what: string, operation: OperationDefinitionNode): GraphQLError {
  return refusal(`The operation ${operation.name ? `${operation.name.value} ` : ''}has ${what}.`, operation);
}

function refusal(message: string, node?: OperationDefinitionNode): GraphQLError {
  return new GraphQLError(message, { nodes: node, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } });
}

function isNestedTooDeep(document: DocumentNode): boolean {
  let open = 0;
  for (let token = document.loc?.startToken ?? null; token; token = token.next) {
    if (opening.has(token.kind)) open++;
    else if (closing.has(token.kind)) open--;
    if (open > maximumNesting) return true;
  }
  return false;
}

class Meter {
  readonly #fragments = new Map<string, FragmentDefinitionNode>();
  /** `null` while a fragment is being measured: met again then, it contains itself. */
  readonly #measured = new Map<string, Measure | null>();

  constructor(document: DocumentNode) {
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.#fragments.set(definition.name.value, definition);
    }
  }

  measureOperation(operation: OperationDefinitionNode): Measure {
    const measure = this.#measureSet(operation.selectionSet);
    measure.directives += operation.directives?.length ?? 0;
    return measure;
  }

  #measureSet(set: SelectionSetNode): Measure {
    const total = emptyMeasure();
    for (const selection of set.selections) {
      const one = this.#measureSelection(selection);
      total.depth = Math.max(total.depth, one.depth);
      total.selections += one.selections;
      total.rootFields += one.rootFields;
      total.aliases += one.aliases;
      total.directives += one.directives;
    }
    return total;
  }

  /** `rootFields` counts the fields of this level, behind fragments too; the caller decides which level is the root. */
  #measureSelection(selection: SelectionNode): Measure {
    const measure = this.#measureBelow(selection);
    measure.selections += 1;
    measure.directives += selection.directives?.length ?? 0;
    if (selection.kind === Kind.FIELD) {
      measure.depth += 1;
      measure.rootFields = 1;
      if (selection.alias) measure.aliases += 1;
    }
    return measure;
  }

  #measureBelow(selection: SelectionNode): Measure {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return { ...this.#measureFragment(selection.name.value) };
    return selection.selectionSet ? this.#measureSet(selection.selectionSet) : emptyMeasure();
  }

  #measureFragment(name: string): Measure {
    const known = this.#measured.get(name);
    if (known) return known;
    const fragment = this.#fragments.get(name);
    // A spread of a fragment that is not there is for validation to refuse.
    if (!fragment) return emptyMeasure();
    if (known === null) return { ...emptyMeasure(), selections: Infinity };
    this.#measured.set(name, null);
    const measure = this.#measureSet(fragment.selectionSet);
    measure.directives += fragment.directives?.length ?? 0;
    this.#measured.set(name, measure);
    return measure;
  }
}

function emptyMeasure(): Measure {
  return { depth: 0, selections: 0, rootFields: 0, aliases: 0, directives: 0 };
}
