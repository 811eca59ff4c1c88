import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql';
import { mapStream } from '../kernel/change-feed-map.ts';
import type { Context } from '../kernel/context.ts';
import { Loaders } from '../kernel/loaders.ts';
import type { Metrics } from '../kernel/metrics.ts';
import { withCoercedType, withCoercedVariables } from './coerced-variables.ts';
import { type CompiledQuery, tryCompileQuery } from './compiled-query.ts';
import { checkDocumentLimits, maximumTokens } from './document-limits.ts';
import { OperationTimer } from './operation-timer.ts';
import { RecentMap } from './recent-map.ts';
import { compileVariables, type VariableCoercion } from './variable-coercion.ts';

export interface OperationRequest {
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
  readonly context: Context;
}

export type ResultStream = AsyncIterableIterator<ExecutionResult>;

/** A document that has been looked at once, with what running it has taught us. */
interface KnownDocument {
  readonly errors: readonly GraphQLError[];
  readonly plans: Map<OperationDefinitionNode, Plan>;
}

interface Plan {
  readonly coerceVariables: VariableCoercion;
  /** To execute with variables that have been coerced. */
  readonly document: DocumentNode;
  runs: number;
  /** `null`: tried, and left to graphql-js. */
  compiled: CompiledQuery | null | undefined;
}

/** Characters of a document: kept documents have to fit into memory. Data belongs into variables. */
const maximumSource = 100_000;
/** Documents kept parsed and compiled. */
export const maximumDocuments = 500;
/** Compiling costs as much as some runs do, and whoever sends a document once should not make us. */
const runsBeforeCompiling = 3;
/** Nobody reads more of them, and each costs time. */
const maximumErrors = 20;
/** Levels of objects and lists in variables: far more than any input has, far less than a recursion can bear. */
const maximumVariableDepth = 60;

/** The one way in which operations run, whichever way they came. */
export class Operations {
  readonly #schema: GraphQLSchema;
  readonly #coercedSchema: GraphQLSchema;
  readonly #timer: OperationTimer;
  readonly #parsed = new RecentMap<string, DocumentNode>(maximumDocuments);
  readonly #known = new WeakMap<DocumentNode, KnownDocument>();

  constructor(schema: GraphQLSchema, metrics: Metrics) {
    this.#schema = schema;
    this.#coercedSchema = withCoercedType(schema);
    this.#timer = new OperationTimer(metrics);
  }

  /** The same text gives the same object, which is what everything known about it hangs on. Throws a `GraphQLError`. */
  parse(source: string): DocumentNode {
    const known = this.#parsed.get(source);
    if (known) return known;
    if (source.length > maximumSource) throw tooLong();
    const document = parse(source, { maxTokens: maximumTokens });
    this.#parsed.set(source, document);
    return document;
  }

  /** What is wrong with an operation before any variable is looked at. */
  check(document: DocumentNode, operationName: string | undefined): readonly GraphQLError[] {
    const { errors } = this.#look(document);
    if (errors.length > 0) return errors;
    return getOperationAST(document, operationName) ? [] : [unknownOperation(operationName)];
  }

  /** Runs a query or a mutation. Everything that is wrong with it comes back in `errors`. */
  async execute(request: OperationRequest): Promise<ExecutionResult> {
    const prepared = this.#prepare(request);
    if ('errors' in prepared) return prepared;
    const { operation, args, plan } = prepared;
    if (operation.operation === 'subscription')
      return refused('Subscriptions run over the websocket, at the same address.');
    return this.#timer.time(operation, () => this.#run(operation, plan, args));
  }

  /**
   * Opens a subscription. Each event is executed with loaders of its own, so that none answers from what an earlier
   * event had read.
   */
  async subscribe(request: OperationRequest): Promise<ExecutionResult | ResultStream> {
    const prepared = this.#prepare(request);
    if ('errors' in prepared) return prepared;
    const { operation, args } = prepared;
    if (operation.operation !== 'subscription') return refused('Expected a subscription.');
    const source = await this.#timer.time(operation, () => createSourceEventStream(args));
    if (!isStream(source)) return withInputErrors(source);
    return mapStream(source[Symbol.asyncIterator]() as AsyncIterableIterator<unknown>, (event) =>
      execute({ ...args, rootValue: event, contextValue: { ...request.context, loaders: new Loaders() } }),
    );
  }

  #prepare({ document, operationName, variables = {}, context }: OperationRequest) {
    const { errors, plans } = this.#look(document);
    if (errors.length > 0) return { errors };
    const operation = getOperationAST(document, operationName);
    if (!operation) return { errors: [unknownOperation(operationName)] };
    if (!isHarmless(variables, maximumVariableDepth)) {
      return refused(`The variables are nested deeper than ${maximumVariableDepth} levels or have a member __proto__.`);
    }
    const args: ExecutionArgs = {
      schema: this.#schema,
      document,
      operationName,
      variableValues: variables,
      contextValue: context,
      options: { maxCoercionErrors: maximumErrors },
    };
    return { operation, args, plan: this.#planOf(plans, document, operation) };
  }

  #look(document: DocumentNode): KnownDocument {
    const known = this.#known.get(document);
    if (known) return known;
    const looked = { errors: this.#findErrors(document), plans: new Map<OperationDefinitionNode, Plan>() };
    this.#known.set(document, looked);
    return looked;
  }

  #findErrors(document: DocumentNode): GraphQLError[] {
    if (document.loc && document.loc.source.body.length > maximumSource) return [tooLong()];
    const tooLarge = checkDocumentLimits(document);
    if (tooLarge.length > 0) return tooLarge;
    const errors = validate(this.#schema, document, undefined, { maxErrors: maximumErrors });
    return errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'));
  }

  #planOf(plans: Map<OperationDefinitionNode, Plan>, document: DocumentNode, operation: OperationDefinitionNode): Plan {
    const known = plans.get(operation);
    if (known) return known;
    const coerceVariables = compileVariables(this.#schema, operation.variableDefinitions ?? []);
    const plan: Plan = { coerceVariables, document: withCoercedVariables(document), runs: 0, compiled: undefined };
    plans.set(operation, plan);
    return plan;
  }

  async #run(operation: OperationDefinitionNode, plan: Plan, args: ExecutionArgs): Promise<ExecutionResult> {
    plan.runs++;
    if (plan.compiled === undefined && plan.runs > runsBeforeCompiling) {
      plan.compiled = tryCompileQuery(this.#schema, args.document, operation) ?? null;
    }
    const variables = plan.coerceVariables(args.variableValues ?? {});
    if (!variables) return withInputErrors(await execute(args));
    const result = plan.compiled && (await this.#runCompiled(plan.compiled, args.contextValue as Context, variables));
    return (
      result ?? execute({ ...args, schema: this.#coercedSchema, document: plan.document, variableValues: variables })
    );
  }

  /**
   * Only a result without errors counts. The compiler knows errors that graphql-js leaves out, words some otherwise, and
   * adds to lists when a promise in them fails; queries change nothing, so those few just run again.
   */
  async #runCompiled(compiled: CompiledQuery, context: Context, variables: Readonly<Record<string, unknown>>) {
    const result = await compiled(context, variables);
    return result?.errors ? undefined : result;
  }
}

/** No recursion or copy further in can be led astray by it. */
function isHarmless(value: object, levels: number): boolean {
  if (levels === 0 || Object.hasOwn(value, '__proto__')) return false;
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null && !isHarmless(member, levels - 1)) return false;
  }
  return true;
}

function isStream<T>(source: AsyncIterable<T> | ExecutionResult): source is AsyncIterable<T> {
  return Symbol.asyncIterator in source;
}

function unknownOperation(name: string | undefined): GraphQLError {
  const message = name
    ? `The document has no operation ${name}.`
    : 'The document has several operations: say which by operationName.';
  return new GraphQLError(message, { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } });
}

function tooLong(): GraphQLError {
  const message = `The document is longer than ${maximumSource} characters. Data belongs into variables.`;
  return new GraphQLError(message, { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } });
}

function refused(message: string): { errors: readonly GraphQLError[] } {
  return { errors: [new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } })] };
}

/** Without `data` nothing has run: graphql-js stopped at the variables. */
function withInputErrors(result: ExecutionResult): ExecutionResult {
  if (result.data !== undefined || !result.errors) return result;
  return { errors: result.errors.map((error) => (error.path ? error : withCode(error, 'BAD_USER_INPUT'))) };
}

function withCode({ message, nodes, path }: GraphQLError, code: string): GraphQLError {
  return new GraphQLError(message, { nodes, path, extensions: { code } });
}
